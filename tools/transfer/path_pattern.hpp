// Paths with wildcards, which no shell expands because it does not see the disk
// that they are on.
#pragma once

#include "cli/disk_access.hpp"

#include <string>
#include <vector>

namespace spindle::tool {

/// Returns whether a path has a character that may stand for others.
bool has_wildcard(const std::string& path);

/// Returns the paths that a pattern matches, sorted: "*", "?" and "[…]" in any
/// component, which stop at "/" and do not match a leading period. Fails with
/// `errc::not_found` if there are none.
attempt<std::vector<std::string>> matching_paths(disk_access& disk,
                                                 const std::string& pattern);

} // namespace spindle::tool
