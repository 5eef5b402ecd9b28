// Whether two paths have to do with the same file: what is about to be replaced
// must not be what is meant to replace it.
#pragma once

#include "spindle/fs/vfs.hpp"
#include "spindle/ops/operations.hpp"

#include <string>

namespace spindle::fs {

/// What is said of a target that is the source.
inline constexpr const char* same_file_text = "both paths name the same file";

/// Returns whether both are one and the same file or directory.
inline bool is_same(const file_info& x, const file_info& y) {
  return x.device == y.device && x.inode == y.inode;
}

/// Returns whether both paths, the last components of which are not followed,
/// are one name in one directory.
result<bool> is_same_name(vfs& disk, const std::string& x,
                          const std::string& y);

/// Returns whether `path` is `what`, or a symbolic link that leads to it,
/// directly or by way of other links. A link that cannot be followed leads
/// nowhere.
result<bool> leads_to(vfs& disk, const std::string& path,
                      const file_info& what);

} // namespace spindle::fs
