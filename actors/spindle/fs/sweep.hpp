// Temporary files that were left behind.
#pragma once

#include "spindle/export.hpp"
#include "spindle/fs/tree.hpp"
#include "spindle/fs/vfs.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace spindle::fs {

/// What a sweep looks for.
struct sweep_scope {
  /// Whether directories below are swept, too.
  bool recursive = true;
  /// How long nothing must have happened to what is removed: for directories
  /// in which somebody may work whom this process cannot see.
  std::chrono::nanoseconds min_age{0};
  /// Whose it must be; anybody's if not given.
  std::optional<uint32_t> user{};
};

/// Removes what processes that ended in the middle of an operation have left
/// beneath the directory `top`: files, links and directories with temporary
/// names (see operations.hpp). That loses nothing: by the time something
/// complete has a temporary name, its target is complete as well. Symbolic
/// links are not followed.
///
/// What may still be in use is left alone: the name tells whose it is. It goes
/// if that process is not alive, or was one that had the number of this process
/// before. So nobody else must work in the tree whom this process cannot see:
/// neither another machine nor another PID namespace.
/// @returns what was removed, counted by temporary names, and what could
///          neither be removed nor looked at.
SPINDLE_EXPORT tree_report sweep_leftovers(vfs& disk,
                                           const std::string& top = ".",
                                           const sweep_scope& scope = {});

} // namespace spindle::fs
