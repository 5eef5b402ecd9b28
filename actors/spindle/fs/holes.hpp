// Finds zeros that need not be written, because a hole reads as zeros.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace spindle::fs {

/// Granularity of holes in bytes; most file systems have smaller blocks.
inline constexpr size_t hole_block = size_t{64} << 10;

/// Consecutive bytes that are either a hole or data.
struct byte_run {
  size_t size = 0;
  /// Whether the bytes are zeros that can become a hole. A partial block counts
  /// at the beginning and at the end of the given bytes.
  bool is_hole = false;
};

/// Returns the first run of `bytes`, which begin at `offset` in the file.
/// Blocks begin at multiples of `hole_block` in the file.
byte_run first_run(std::span<const std::byte> bytes, uint64_t offset);

} // namespace spindle::fs
