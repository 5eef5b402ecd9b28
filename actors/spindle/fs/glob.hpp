// Patterns for paths below a directory.
#pragma once

#include <cstddef>
#include <string>

namespace spindle::fs {

/// A pattern of fnmatch(3) in which a leading "**/" stands for any number of
/// directories, also none. See `directory_walk::glob`.
class glob {
public:
  /// @param pattern matches everything if empty.
  explicit glob(std::string pattern);

  /// Returns whether the whole of a relative path matches.
  bool matches(const std::string& path) const;

private:
  std::string pattern_;
  bool any_depth_ = false;
  size_t slashes_ = 0;
};

} // namespace spindle::fs
