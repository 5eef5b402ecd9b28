// Frees the disk space of large files in steps, or in another thread, so that
// other operations can use the disk meanwhile.
#pragma once

#include "spindle/fs/failures.hpp"
#include "spindle/fs/slice.hpp"
#include "spindle/fs/task.hpp"
#include "spindle/fs/vfs.hpp"
#include "spindle/ops/operations.hpp"

#include <cstdint>
#include <string>

namespace spindle::fs {

/// Calls `vfs::hold`.
/// @returns null if there is nothing to hold, or if that fails. The file is
///          removed or replaced all the same, which takes longer then.
held_ptr try_hold(vfs& disk, const directory& base, const std::string& path);

/// Waits about a millisecond until the disk space of `what` is free.
/// @param what the file, which has lost its name; may be null.
/// @returns whether it is free.
bool wait_briefly(held_file* what);

/// Rests until the disk space of `what` is free. A stop ends the wait: the
/// space becomes free all the same.
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

private:
  uint64_t size_;
  /// Size after the last step.
  uint64_t at_;
  /// Bytes by which a step shortens the file.
  uint64_t length_;
};

} // namespace spindle::fs
