// The bytes of a file in memory_vfs, and what a crash leaves of them.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "spindle/fs/memory/memory_extents.hpp"

namespace spindle::fs::memory {

/// Source of chance for crashes; the same on every machine.
using random = std::mt19937_64;

/// Returns a number from 0 up to, not including, `bound`.
inline uint64_t below(random& chance, uint64_t bound) {
  return chance() % bound;
}

/// Bytes, and which changes to them are not durable.
class content {
public:
  content() = default;

  /// Makes a content that is durable.
  explicit content(std::string bytes);

  const std::string& bytes() const noexcept {
    return bytes_;
  }

  /// Returns which bytes take room.
  const extents& data() const noexcept {
    return data_;
  }

  /// Overwrites from `offset` on; a gap becomes a hole.
  void write(uint64_t offset, std::string_view data);

  /// Makes a hole of bytes, which must be there.
  void punch(uint64_t offset, uint64_t length);

  /// Drops bytes at the end, or adds a hole.
  void resize(uint64_t size);

  /// Makes all changes durable.
  void sync();

  /// Returns what a crash may leave: see the contract of memory_vfs.
  std::string after_crash(random& chance) const;

private:
  struct change {
    bool resizes;
    // Where to write, or the size.
    uint64_t offset;
    std::string data;
  };

  static void apply(std::string& bytes, const change& what);

  static void apply_in_part(std::string& bytes, const change& what,
                            random& chance);

  std::string bytes_;
  std::string durable_;
  std::vector<change> pending_;
  extents data_;
};

} // namespace spindle::fs::memory
