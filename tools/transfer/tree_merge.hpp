// Copies of a directory into an existing one.
#pragma once

#include "cli/disk_access.hpp"

#include <functional>
#include <string>

namespace spindle::tool {

/// Options of `merge_tree`.
struct merge_options {
  /// Whether existing files are replaced.
  bool overwrite = false;
  /// Whether all properties are kept; hard links only within each new
  /// directory.
  bool preserve = false;
};

/// Copies all entries of `source` to the same relative paths in `target`. Other
/// entries of `target` stay.
/// @param on_failure is called for each entry that could not be copied.
void merge_tree(disk_access& disk, const std::string& source,
                const std::string& target, const merge_options& how,
                const std::function<void(const failure&)>& on_failure);

} // namespace spindle::tool
