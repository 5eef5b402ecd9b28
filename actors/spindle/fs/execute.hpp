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

class kept_walks;

/// What an operation uses and tells beside its answer; null where there is
/// nothing.
struct surroundings {
  /// Where walks are between their pages; without it, each page reads its
  /// directories anew.
  kept_walks* walks = nullptr;
  /// Is told how far the operation is: copies and moves to other devices,
  /// removals of trees, checksums and walks tell.
  progress_record* progress = nullptr;
};

/// Performs `what` and returns its answer; the output has the type
/// `Op::output`. Blocks; see `vfs` for the thread context. Throws nothing but
/// std::bad_alloc.
SPINDLE_EXPORT answer execute(vfs& disk, const operation& what,
                              const limits& bounds = {},
                              const surroundings& with = {});

} // namespace spindle::fs
