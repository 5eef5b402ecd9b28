// The content of a file in memory_vfs, with its crash model.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "spindle/fs/memory/memory_extents.hpp"

namespace spindle::fs::memory {

/// Random numbers for crashes; the same sequence on every machine.
using random = std::mt19937_64;

/// Returns a number from 0 up to, not including, `bound`.
inline uint64_t below(random& chance, uint64_t bound) {
  return chance() % bound;
}

/// The bytes of a file, and the changes that are not durable yet.
class content {
public:
  content() = default;

  /// Makes a durable content.
  explicit content(std::string bytes);

  const std::string& bytes() const noexcept {
    return bytes_;
  }

  /// Returns the bytes that are not holes.
  const extents& data() const noexcept {
    return data_;
  }

  /// Writes at `offset`; a gap behind the end becomes a hole.
  void write(uint64_t offset, std::string_view data);

  /// Makes a hole; the range must be within the file.
  void punch(uint64_t offset, uint64_t length);

  /// Truncates, or extends by a hole.
  void resize(uint64_t size);

  /// Makes all changes durable.
  void sync();

  /// Returns what a crash may leave; memory_vfs documents the rules.
  std::string after_crash(random& chance) const;

private:
  struct change {
    bool resizes;
    // Offset of the write, or the new size.
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
