// Copying one entry of a directory that is not a directory itself.
#pragma once

#include "spindle/fs/vfs.hpp"

#include <cstdint>
#include <optional>
#include <string>

#include <tl/expected.hpp>

namespace spindle::fs {

/// Which of two paths is to blame.
enum class side : uint8_t { source, target };

/// What went wrong, and where.
struct blame {
  int sys_errno = 0;
  side where = side::source;
  /// Whether an unfinished copy could not be removed.
  bool leftover = false;
};

/// A value, or what went wrong on which side.
template <class T>
using copied = tl::expected<T, blame>;

/// Shorthand for a failure on the side of the source.
inline tl::unexpected<blame> at_source(int sys_errno) {
  return tl::unexpected{blame{sys_errno, side::source}};
}

/// Shorthand for a failure on the side of the target.
inline tl::unexpected<blame> at_target(int sys_errno) {
  return tl::unexpected{blame{sys_errno, side::target}};
}

/// Name of an entry in an open directory.
struct entry_name {
  const directory& base;
  const std::string& name;
};

/// Makes a copy of a file or a symbolic link, with its permissions (but for
/// those to run it as somebody else, as the owner is another) and times. Other
/// things than files and links are EOPNOTSUPP and never opened. What was made
/// is removed if the copy fails.
/// @param sync how to sync the copy, if at all.
copied<void> copy_entry(vfs& disk, entry_name from, file_type type,
                        entry_name to, std::optional<sync_mode> sync);

} // namespace spindle::fs
