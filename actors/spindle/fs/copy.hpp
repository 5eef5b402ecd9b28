// Copying one entry of a directory that is not a directory itself.
#pragma once

#include "spindle/fs/blame.hpp"
#include "spindle/fs/progress_record.hpp"
#include "spindle/fs/properties.hpp"
#include "spindle/fs/slice.hpp"
#include "spindle/fs/task.hpp"
#include "spindle/fs/vfs.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace spindle::fs {

/// Name of an entry in an open directory.
struct entry_name {
  const directory& base;
  const std::string& name;
};

/// How to copy.
struct copy_options {
  /// How to sync what is made, if at all.
  std::optional<sync_mode> sync{};
  /// Whether what is made will replace a file.
  bool replaces = false;
  fs::keep keep = fs::keep::basic;
  /// Is told of bytes and entries.
  progress_sink progress{};
  /// Where to rest.
  slices rests{};
};

/// Makes a copy of a file or a symbolic link. Other things than files and links
/// are EOPNOTSUPP and never opened. What was made is removed if the copy fails.
/// @returns what the copied file or link was.
task<copied<file_info>> copy_entry(vfs& disk, entry_name from, file_type type,
                                   entry_name to, const copy_options& how);

} // namespace spindle::fs
