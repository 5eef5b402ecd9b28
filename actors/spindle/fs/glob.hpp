// Patterns for paths below a directory.
#pragma once

#include <bitset>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace spindle::fs {

/// Maximum length of a pattern in bytes, equal to PATH_MAX.
inline constexpr size_t max_glob_bytes = 4096;

/// A pattern for paths; `directory_walk::glob` documents the syntax. A pattern
/// is parsed once, in time linear in its length. A match takes at most time
/// proportional to the length of the pattern times that of the path.
class glob {
public:
  /// @param pattern matches everything if empty.
  explicit glob(std::string_view pattern);

  /// Returns whether the pattern matches the whole relative path.
  bool matches(std::string_view path) const;

private:
  using byte_set = std::bitset<256>;

  /// The pattern between two slashes: runs of byte sets, one set for each byte
  /// to be matched. A "*" separates one run from the next.
  struct component {
    std::vector<std::vector<byte_set>> runs{1};
    /// The sum of the sizes of all runs.
    size_t fewest_bytes = 0;
    /// The pattern ends with an unfinished escape, so it matches nothing.
    bool is_broken = false;
  };

  class parser;

  static bool matches(const component& pattern, std::string_view name);

  /// Empty if everything matches.
  std::vector<component> components_;
  bool any_depth_ = false;
};

} // namespace spindle::fs
