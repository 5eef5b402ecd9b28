// Does what an operation says, with the system calls of a vfs.
#pragma once

#include "spindle/export.hpp"
#include "spindle/fs/operations.hpp"
#include "spindle/fs/progress_record.hpp"
#include "spindle/fs/vfs.hpp"

#include <chrono>
#include <cstdint>

namespace spindle::fs {

/// Bounds on a single operation.
struct limits {
  /// How long a pipe, FIFO or socket may keep an operation waiting.
  std::chrono::nanoseconds quantum = std::chrono::milliseconds{10};
  /// Bytes that one `file_read` may return (`errc::too_large`).
  uint64_t read_bytes = uint64_t{1} << 30;
  /// Entries that one `directory_contents` or page of `directory_walk` may
  /// return (`errc::too_large`).
  uint64_t listed_entries = 1'000'000;
};

/// Performs `what` and returns its answer; the output has the type
/// `Op::output`. Blocks; see `vfs` for the thread context. Throws nothing but
/// std::bad_alloc.
/// @param progress is told how far the operation is, if not null: copies and
///                 moves to other devices, removals of trees, checksums and
///                 walks tell.
SPINDLE_EXPORT answer execute(vfs& disk, const operation& what,
                              const limits& bounds = {},
                              progress_record* progress = nullptr);

} // namespace spindle::fs
