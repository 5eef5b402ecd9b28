// Paths as bytes: taking them apart, without asking a file system.
#pragma once

#include "spindle/fs/attempt.hpp"

#include <string>

namespace spindle::fs {

/// The directory that has a name, and the name.
struct location {
  /// A path; "." if the path had one component only.
  std::string parent;
  /// Without slashes.
  std::string name;
};

/// Takes a path apart; slashes at its end do not count. A path that ends in
/// "." or "..", or is the root, names nothing that could be made, replaced or
/// removed: `invalid_argument`.
attempt<location> locate(const std::string& path);

/// Like `locate`, for what will not be a directory: `is_a_directory` if the
/// path ends in a slash, or says "." or "..".
attempt<location> locate_file(const std::string& path);

/// Returns `path` without its last component; "." or "/" if none is left.
std::string parent_of(const std::string& path);

/// Returns `path` without slashes at its end, so that a symbolic link of that
/// name is not followed.
std::string without_slash(const std::string& path);

/// Returns `parent` and `name`, joined.
std::string joined(const std::string& parent, const std::string& name);

/// As many symbolic links as Linux follows on the way to a path.
inline constexpr int max_links = 40;

/// Returns the path that the symbolic link `link` stands for if it says `text`.
std::string behind_link(const std::string& link, const std::string& text);

} // namespace spindle::fs
