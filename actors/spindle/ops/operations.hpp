// The operations: each a struct that says what to do, and what it answers.
//
// Paths are relative to the working directory of the process that has the disk
// (or to its root, if it is confined), or absolute (never, if it is). They may
// be any bytes but NUL. Common options:
//   - parents:     make missing directories on the way to the new name
//   - overwrite:   replace what is at the target, atomically (also for who
//                  looks after a crash, given a durability other than none);
//                  without it, the target must not exist
//                  (`errc::already_exists`)
//   - permissions: bits of what is made, before the umask of the process
//   - durability:  what must have reached the device before the answer
// Defaults are those of the usual system call.
//
// Temporary names, where an operation needs them, are hidden, beside the
// target, and look like ".spindle-<process>-<random>-<number>.tmp". They are
// removed when an operation fails; if that fails as well, the failure names
// them. Else only a crash can leave them behind; `sweep_leftovers` finds those.
#pragma once

#include "spindle/export.hpp"
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

/// The answer to any operation that succeeded.
using output = std::variant<done, bool, std::string, buffer, directory_listing,
                            walk_page, file_info, space_info>;

/// The answer to any operation.
using answer = std::variant<failure, output>;

/// Returns the name of the operation, for instance "file_read".
SPINDLE_EXPORT std::string_view name_of(const operation&);

/// Returns the (first) path of the operation.
SPINDLE_EXPORT const std::string& path_of(const operation&);

/// Returns the bytes that the operation carries; what it reads does not count.
SPINDLE_EXPORT size_t payload_of(const operation&);

} // namespace spindle
