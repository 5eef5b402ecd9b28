// Copying a directory into one that exists.
#pragma once

#include "disk_access.hpp"

#include <functional>
#include <string>

namespace spindle::tool {

/// Copies all that `source` contains to the same place below `target`, where
/// other things stay as they are. Tells of all that cannot be copied.
/// @param overwrite whether files that exist are replaced.
void merge_tree(disk_access& disk, const std::string& source,
                const std::string& target, bool overwrite,
                const std::function<void(const failure&)>& on_failure);

} // namespace spindle::tool
