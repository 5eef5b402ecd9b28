// Copying what a file contains.
#pragma once

#include "spindle/fs/blame.hpp"
#include "spindle/fs/copy.hpp"
#include "spindle/fs/task.hpp"
#include "spindle/fs/vfs.hpp"

#include <cstdint>

namespace spindle::fs {

/// Copies the content of a file into an empty one, sharing blocks or within the
/// system where that is possible. Holes stay holes. What grows meanwhile is
/// copied to its new end.
/// @param size what the source says that it has; files of procfs say 0.
/// @param how receives progress in bytes; those of holes count as copied. Must
///        outlive the coroutine.
task<copied<void>> copy_content(file& from, file& to, uint64_t size,
                                const copy_options& how);

} // namespace spindle::fs
