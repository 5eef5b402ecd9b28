// Removal of temporary files that a crash left behind.
#pragma once

#include "spindle/export.hpp"
#include "spindle/fs/tree.hpp"
#include "spindle/fs/vfs.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace spindle::fs {

/// What a sweep may remove.
struct sweep_scope {
  /// Whether to descend into directories.
  bool recursive = true;
  /// Minimum time since the last change (st_ctime) of what is removed. Needed
  /// where processes of other machines or PID namespaces may work.
  std::chrono::nanoseconds min_age{0};
  /// User id of the owner; any owner if not given.
  std::optional<uint32_t> user{};
};

/// Removes files, links and directories with temporary names (see
/// operations.hpp) below `top` that ended processes have left behind. No data
/// is lost: whenever something complete has a temporary name, its target is
/// complete as well. Symbolic links are not followed.
///
/// Files in use are kept. The name contains the process id of the owner; a file
/// is removed if that process is not alive, or if an earlier process had the id
/// of this one. So no process that this one cannot see, on another machine or
/// in another PID namespace, may work in the tree, unless `min_age` protects
/// its files.
/// @returns the number of temporary names removed, and the entries that could
///          not be removed or examined.
SPINDLE_EXPORT tree_report sweep_leftovers(vfs& disk,
                                           const std::string& top = ".",
                                           const sweep_scope& scope = {});

} // namespace spindle::fs
