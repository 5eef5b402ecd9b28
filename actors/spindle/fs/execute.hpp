// Executes operations with the system calls of a vfs.
#pragma once

#include "spindle/export.hpp"
#include "spindle/fs/device_calls.hpp"
#include "spindle/fs/final_syncs.hpp"
#include "spindle/fs/progress_record.hpp"
#include "spindle/fs/vfs.hpp"
#include "spindle/ops/operations.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

namespace spindle::fs {

/// Limits for a single operation.
struct limits {
  /// Timeout for an operation on a pipe, FIFO or socket.
  std::chrono::nanoseconds quantum = std::chrono::milliseconds{10};
  /// Maximum number of bytes of one `file_read` (`errc::too_large`).
  uint64_t read_bytes = uint64_t{1} << 30;
  /// Maximum number of entries of one `directory_contents` (`errc::too_large`)
  /// or one page of `directory_walk`.
  uint64_t listed_entries = 1'000'000;
};

class kept_walks;

/// What an operation uses beside the disk; pointers may be null.
struct surroundings {
  /// Keeps the positions of walks between pages; without it, each page reads
  /// its directories again.
  kept_walks* walks = nullptr;
  /// Receives the progress of operations that may rest, and the paths of all
  /// that are `whole`, since those of a list have one record.
  progress_record* progress = nullptr;
  /// Whether nobody else gets the disk before the operation is done, so that
  /// rests gain nothing.
  bool whole = false;
  /// Whether somebody else makes the calls that may wait for the device.
  bool awaits = false;
  /// Whether somebody else makes the last syncs: `execution::take_syncs`.
  bool leaves_syncs = false;
};

/// Why an execution has returned.
enum class pause : uint8_t {
  /// The operation is done.
  done,
  /// It rests between two slices.
  rests,
  /// It waits for the device: `execution::call` must be done before it
  /// continues.
  awaits,
  /// It has taken effect, and waits until that is durable: `execution::syncs`
  /// must be done.
  settled,
};

/// An operation that is performed in slices: a long operation rests where no
/// step is half-done, and is resumed later. May be used by one thread at a
/// time. If destroyed before it is done, it may leave temporary files behind.
class SPINDLE_EXPORT execution {
public:
  /// Does not access the disk. Does not own its arguments, which must outlive
  /// it.
  execution(vfs& disk, const operation& what, const limits& bounds = {},
            const surroundings& with = {});

  execution(const execution&) = delete;

  ~execution();

  /// Starts or resumes the operation; returns when it is done, or when `over`
  /// returns true at a point where it may rest, or when it awaits the device.
  /// If the root of the disk has
  /// moved or was opened anew meanwhile, the operation cleans up and fails with
  /// `errc::stale`. Blocks; see `vfs` for the thread context.
  pause advance(std::function<bool()> over);

  /// Returns the call that the operation awaits. It must be done before this
  /// object is destroyed.
  device_call& call() const noexcept;

  /// Returns the syncs that a settled operation awaits; like `call`.
  const std::vector<sync_call*>& syncs() const noexcept;

  /// Returns the syncs that make the effect durable, when done, if the caller
  /// makes them.
  final_syncs take_syncs();

  /// Stops the operation at the next point where it may rest: it cleans up and
  /// fails with `errc::cancelled`. May be called from `over`.
  void stop() noexcept;

  /// Returns the answer; the output has the type `Op::output`. May be called
  /// once, when done. Rethrows exceptions of the file system.
  answer take();

private:
  class impl;

  std::unique_ptr<impl> impl_;
};

/// Performs `what` without resting and returns its answer. Throws only
/// std::bad_alloc and exceptions of the file system.
SPINDLE_EXPORT answer execute(vfs& disk, const operation& what,
                              const limits& bounds = {},
                              const surroundings& with = {});

} // namespace spindle::fs
