// Frees the disk space of large files in steps, or in another thread, so that
// other operations can use the disk meanwhile.
#pragma once

#include "spindle/fs/failures.hpp"
#include "spindle/fs/slice.hpp"
#include "spindle/fs/task.hpp"
#include "spindle/fs/vfs.hpp"
#include "spindle/ops/operations.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

namespace spindle::fs {

/// Calls `vfs::hold`.
/// @returns null if there is nothing to hold, or if that fails. The file is
///          removed or replaced all the same, which takes longer then.
held_ptr try_hold(vfs& disk, const directory& base, const std::string& path);

/// Waits for the disk space of a large file that has lost its name. Gives up
/// after `max_waits`, in case that a file system hangs; the space becomes free
/// later.
class space_wait {
public:
  /// How often to wait. Each time takes about a millisecond, and ext4 frees a
  /// gigabyte in less than half a second.
  static constexpr size_t max_waits = 30'000;

  /// Waits about a millisecond. Must be called with the same file each time.
  /// @param what may be null.
  /// @returns whether the space is free, or takes too long to become free.
  bool wait(held_file* what);

private:
  size_t waits_ = 0;
};

/// Rests until the disk space of `what` is free, or takes too long to become
/// free, or the operation is stopped.
/// @param what the file, which has lost its name; may be null.
task<done> until_free(held_ptr what, slices rests);

/// Returns `res` once the disk space of `what` is free; at once, without a
/// coroutine, if there is no such file.
/// @param what the file, which has lost its name; may be null.
value_or_task<attempt<done>> when_free(held_ptr what, slices rests,
                                       attempt<done> res);

/// Truncates a file in steps from its end, so that no step takes long. Other
/// processes see the file become shorter.
class shrinking {
public:
  /// @param from metadata of the file; the more holes it has, the longer are
  ///        the steps.
  /// @param size the size in the end.
  shrinking(const file_info& from, uint64_t size);

  /// Truncates the file by one step; must be called until it returns true.
  /// @returns whether the file has its final size.
  result<bool> step(file& what);

  /// Truncates the file to its final size at once.
  result<void> finish(file& what);

  /// Returns a clause that says to which size the file was truncated so far;
  /// empty if it is as it was.
  std::string extent() const;

private:
  result<void> cut(file& what, uint64_t size);

  /// Size before the first step.
  uint64_t begin_;
  uint64_t size_;
  /// Size after the last step.
  uint64_t at_;
  /// Bytes by which a step shortens the file.
  uint64_t length_;
};

} // namespace spindle::fs
