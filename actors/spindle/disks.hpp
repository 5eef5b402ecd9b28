// The file systems that a queue can use: `settings::disk`.
#pragma once

#include "spindle/export.hpp"
#include "spindle/message/settings.hpp"
#include "spindle/ops/attempt.hpp"
#include "spindle/ops/root_terms.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace spindle {

/// A file system. Any number of queues may use one.
using disk_ptr = fs::vfs_ptr;

/// Returns the file system of the machine.
SPINDLE_EXPORT disk_ptr real_disk();

/// Returns what is beneath one directory of the machine, the root. Paths that
/// lead out of it are `errc::permission_denied`, whatever others do to the
/// directory meanwhile.
/// @param terms what else is asked of the root.
/// @returns a failure if `root` cannot be opened, or the system lacks
///          openat2(2) or /proc.
SPINDLE_EXPORT attempt<disk_ptr> confined_disk(const std::string& root,
                                               access_mode access,
                                               root_terms terms = {});

/// Returns an empty file system in memory, for tests: it behaves as a POSIX
/// system does, and keeps nothing.
SPINDLE_EXPORT disk_ptr memory_disk();

/// Returns a file system that does what `base` does, and calls `observer`
/// before each call, in the thread of the call and possibly in several at once.
/// For tests. What the observer throws kills the disk actor that called.
/// @param observer gets the name of the call, for instance "stat", and its
///                 path.
SPINDLE_EXPORT disk_ptr observed_disk(
  disk_ptr base,
  std::function<void(std::string_view call, const std::string& path)> observer);

/// Removes temporary files and directories beneath `top` that processes which
/// were killed have left there. What a living process of this machine uses, and
/// all that something has happened to of late, stays. Blocks.
/// @param min_age how long nothing must have happened to what is removed.
/// @returns how many were removed, or the first failure.
SPINDLE_EXPORT attempt<uint64_t>
remove_leftovers(const disk_ptr& disk, const std::string& top,
                 std::chrono::nanoseconds min_age = std::chrono::hours{1});

} // namespace spindle
