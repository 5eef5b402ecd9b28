// Tells whether two paths refer to the same file, so that a file is not
// replaced by itself.
#pragma once

#include "spindle/fs/vfs.hpp"
#include "spindle/ops/operations.hpp"

#include <string>

namespace spindle::fs {

/// Error text if the target is the source.
inline constexpr const char* same_file_text = "both paths name the same file";

/// Returns whether both are one and the same file or directory.
inline bool is_same(const file_info& x, const file_info& y) {
  return x.device == y.device && x.inode == y.inode;
}

/// Returns whether both paths are the same name in the same directory. Symbolic
/// links as last components are not followed.
result<bool> is_same_name(vfs& disk, const std::string& x,
                          const std::string& y);

/// Returns whether `path` is `what`, or a symbolic link that leads to it,
/// directly or through other links. A dangling link does not.
result<bool> leads_to(vfs& disk, const std::string& path,
                      const file_info& what);

} // namespace spindle::fs
