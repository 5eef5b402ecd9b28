// Copying a directory into one that exists.
#pragma once

#include "cli/disk_access.hpp"

#include <functional>
#include <string>

namespace spindle::tool {

/// How to copy.
struct merge_options {
  /// Whether files that exist are replaced.
  bool overwrite = false;
  /// Whether all is kept that the operations can keep; hard links within each
  /// directory that is not there yet.
  bool preserve = false;
};

/// Copies all that `source` contains to the same place below `target`, where
/// other things stay as they are. Tells of all that cannot be copied.
void merge_tree(disk_access& disk, const std::string& source,
                const std::string& target, const merge_options& how,
                const std::function<void(const failure&)>& on_failure);

} // namespace spindle::tool
