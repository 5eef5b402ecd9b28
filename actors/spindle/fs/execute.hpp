// Does what an operation says, with the system calls of a vfs.
#pragma once

#include "spindle/export.hpp"
#include "spindle/fs/progress_record.hpp"
#include "spindle/fs/vfs.hpp"
#include "spindle/ops/operations.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>

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

/// An operation that is performed in slices: what takes long rests where
/// nothing is half-done, and goes on later. Belongs to one thread at a time. If
/// it is destroyed before it is done, it may leave temporary files behind.
class SPINDLE_EXPORT execution {
public:
  /// Does nothing yet. Owns neither the disk nor the operation.
  execution(vfs& disk, const operation& what, const limits& bounds = {},
            const surroundings& with = {});

  execution(const execution&) = delete;

  ~execution();

  /// Performs the operation, or goes on with it, until it is done, or `over`
  /// returns true where it may rest. Blocks; see `vfs` for the thread context.
  /// @returns whether it is done.
  bool advance(std::function<bool()> over);

  /// Has the operation end where it may rest next: it tidies up and fails with
  /// `errc::cancelled`. `over` may call.
  void stop() noexcept;

  /// Returns the answer; the output has the type `Op::output`. Once, when done.
  /// Throws what the file system threw.
  answer take();

private:
  class impl;

  std::unique_ptr<impl> impl_;
};

/// Performs `what` as a whole and returns its answer. Throws nothing but
/// std::bad_alloc, unless the file system does.
SPINDLE_EXPORT answer execute(vfs& disk, const operation& what,
                              const limits& bounds = {},
                              const surroundings& with = {});

} // namespace spindle::fs
