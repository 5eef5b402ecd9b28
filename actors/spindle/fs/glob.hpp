// Patterns for paths below a directory.
#pragma once

#include <bitset>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace spindle::fs {

/// Bytes that a pattern may have at the most: as long as a path of the system.
inline constexpr size_t max_glob_bytes = 4096;

/// A pattern in which a leading "**/" stands for any number of directories,
/// also none. See `directory_walk::glob`. A pattern is read once, in time
/// proportional to its length. A match takes time proportional to the length
/// of the pattern times that of the path at the most, whatever they contain.
class glob {
public:
  /// @param pattern matches everything if empty.
  explicit glob(std::string_view pattern);

  /// Returns whether the whole of a relative path matches.
  bool matches(std::string_view path) const;

private:
  using byte_set = std::bitset<256>;

  /// Between two slashes: runs of bytes, one set for each byte, with any bytes
  /// between one run and the next.
  struct component {
    std::vector<std::vector<byte_set>> runs{1};
    /// The sum of the sizes of all runs.
    size_t fewest_bytes = 0;
    /// Matches nothing: the pattern ends within an escape.
    bool is_broken = false;
  };

  class parser;

  static bool matches(const component& pattern, std::string_view name);

  /// None: everything matches.
  std::vector<component> components_;
  bool any_depth_ = false;
};

} // namespace spindle::fs
