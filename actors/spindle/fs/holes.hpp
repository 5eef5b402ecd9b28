// Zeros that need not be written, because a hole reads the same.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace spindle::fs {

/// Bytes that are worth a hole; a block of most file systems has less.
inline constexpr size_t hole_block = size_t{64} << 10;

/// Bytes that come one after the other.
struct byte_run {
  size_t size = 0;
  /// Whether they are zeros, and fill blocks of `hole_block` as far as they are
  /// known: nothing else of a block at the beginning or at the end is here.
  bool is_hole = false;
};

/// Returns the first bytes that are alike. `bytes` begin at `offset` in the
/// file, in which blocks begin at multiples of `hole_block`.
byte_run first_run(std::span<const std::byte> bytes, uint64_t offset);

} // namespace spindle::fs
