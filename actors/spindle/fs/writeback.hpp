// Writes files to the device early, because some calls flush a file before they
// return, and nobody else has the disk meanwhile: a sync, a rename over another
// file, and closing a file that was truncated. The last two flush on ext4, and
// in part on others, so that a crash does not leave an empty file.
#pragma once

#include "spindle/fs/slice.hpp"
#include "spindle/fs/task.hpp"
#include "spindle/fs/vfs.hpp"

#include <cstdint>

namespace spindle::fs {

/// Begins to write a file to the device each few MiB while it is being written,
/// so that little is left to flush in the end.
class early_writeback {
public:
  /// @param offset of the first byte that is written.
  explicit early_writeback(uint64_t offset) noexcept : begun_(offset) {}

  /// Called when all bytes before the offset `end` are written. Fails if bytes
  /// are lost (EIO), or will be (ENOSPC, EDQUOT).
  result<void> advance(file& what, uint64_t end);

private:
  /// End of the bytes that were handed over.
  uint64_t begun_;
};

/// Begins to write a whole file to the device, in steps.
/// @param info metadata of the file.
/// @returns ECANCELED if it was stopped, or an error as `early_writeback`.
task<result<void>> write_back(file& what, file_info info, slices rests);

} // namespace spindle::fs
