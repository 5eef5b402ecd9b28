// The bytes of a file in memory_vfs that are not holes.
#pragma once

#include "spindle/fs/vfs.hpp"

#include <cstdint>
#include <map>

namespace spindle::fs::memory {

/// A set of byte ranges. The other bytes of the file are holes.
class extents {
public:
  void add(uint64_t begin, uint64_t end);

  void remove(uint64_t begin, uint64_t end);

  /// Returns the number of bytes in the set.
  uint64_t total() const noexcept {
    return total_;
  }

  /// Returns the largest offset up to `end` such that the range from `begin` to
  /// it adds at most `room` bytes to the set.
  uint64_t reach(uint64_t begin, uint64_t end, uint64_t room) const;

  /// Returns the first range in the set at or behind `offset`; empty if there
  /// is none.
  data_extent next(uint64_t offset) const;

private:
  /// Begin and end of each range. Ranges neither touch nor overlap.
  std::map<uint64_t, uint64_t> parts_;
  uint64_t total_ = 0;
};

} // namespace spindle::fs::memory
