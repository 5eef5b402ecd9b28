// The operations. Each is a struct with its arguments and the type of its
// answer.
//
// A relative path starts at the working directory of the process that executes
// the operation; if its disk is confined, at the root of the disk. Absolute
// paths are allowed unless the disk is confined. A path may contain any byte
// but NUL. Common options:
//   - parents:     create missing parent directories of the new name
//   - overwrite:   replace the target atomically (with a durability other than
//                  none, also across a crash); without it, the target must not
//                  exist (`errc::already_exists`)
//   - permissions: mode bits of what is created, before the umask of the
//                  process
//   - durability:  what must be on the device before the answer
// The defaults are those of the corresponding system call.
//
// Some operations use temporary names in the directory of the target, of the
// form ".spindle-<process>-<random>-<number>.tmp". A failed operation removes
// its temporary files; if it cannot, the failure names them. A crash can also
// leave them behind; `sweep_leftovers` removes those.
#pragma once

#include "spindle/export.hpp"
#include "spindle/ops/attempt.hpp"
#include "spindle/ops/directory_operations.hpp"
#include "spindle/ops/file_operations.hpp"
#include "spindle/ops/path_operations.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>

namespace spindle {

/// Any operation.
using operation = std::variant<
  directory_exists, directory_create, directory_delete, directory_rename,
  directory_move, directory_copy, directory_contents, directory_walk,
  file_exists, file_create, file_delete, file_rename, file_move, file_copy,
  file_read, file_write, file_stat, file_truncate, file_sync, file_checksum,
  disk_space, symlink_create, symlink_read, set_permissions, set_times>;

/// Number of kinds of operations.
inline constexpr size_t operation_kinds = std::variant_size_v<operation>;

/// What any operation returns if it succeeds.
using output = std::variant<done, bool, std::string, buffer, directory_listing,
                            walk_page, file_info, space_info>;

/// The answer to any operation: its output, or why it failed.
using answer = attempt<output>;

/// Returns the name of the operation, for instance "file_read".
SPINDLE_EXPORT std::string_view name_of(const operation&);

/// Returns the (first) path of the operation.
SPINDLE_EXPORT const std::string& path_of(const operation&);

/// Returns the number of bytes to be written that the operation carries.
SPINDLE_EXPORT size_t payload_of(const operation&);

} // namespace spindle
