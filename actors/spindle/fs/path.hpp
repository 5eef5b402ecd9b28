// Splits and joins paths as plain bytes, without a file system.
#pragma once

#include "spindle/fs/failures.hpp"

#include <string>

namespace spindle::fs {

/// A parent directory and a name in it.
struct location {
  /// "." if the path has only one component.
  std::string parent;
  /// Contains no slash.
  std::string name;
};

/// Splits a path into parent and name, without trailing slashes. Fails with
/// `invalid_argument` if the path ends in "." or "..", or is the root, since
/// such names cannot be created, replaced or removed.
attempt<location> locate(const std::string& path);

/// Like `locate`, for anything but a directory: fails with `is_a_directory` if
/// the path ends in a slash, "." or "..".
attempt<location> locate_file(const std::string& path);

/// Returns `path` without its last component; "." or "/" if none is left.
std::string parent_of(const std::string& path);

/// Returns `path` without trailing slashes, since with them the kernel would
/// follow a symbolic link.
std::string without_slash(const std::string& path);

/// Returns `parent` and `name`, joined.
std::string joined(const std::string& parent, const std::string& name);

/// Maximum number of symbolic links that Linux follows to resolve a path.
inline constexpr int max_links = 40;

/// Returns the path that the symbolic link at `link` points to if its target is
/// `text`.
std::string behind_link(const std::string& link, const std::string& text);

} // namespace spindle::fs
