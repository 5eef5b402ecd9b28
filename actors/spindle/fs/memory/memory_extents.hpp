// Which bytes of a file in memory_vfs take room.
#pragma once

#include "spindle/fs/vfs.hpp"

#include <cstdint>
#include <map>

namespace spindle::fs::memory {

/// A set of bytes; those of a file that are not in it are holes.
class extents {
public:
  void add(uint64_t begin, uint64_t end);

  void remove(uint64_t begin, uint64_t end);

  /// Returns how many bytes are in the set.
  uint64_t total() const noexcept {
    return total_;
  }

  /// Returns the end of the longest part of the bytes from `begin` to `end`,
  /// from its beginning on, that adds no more than `room` bytes to the set.
  uint64_t reach(uint64_t begin, uint64_t end, uint64_t room) const;

  /// Returns the first bytes in the set at or behind `offset`; empty if there
  /// are none.
  data_extent next(uint64_t offset) const;

private:
  /// From where each extent begins to its end; they neither touch nor overlap.
  std::map<uint64_t, uint64_t> parts_;
  uint64_t total_ = 0;
};

} // namespace spindle::fs::memory
