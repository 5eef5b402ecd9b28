// Paths with wildcards on a disk that the shell cannot see, and so does not
// expand.
#pragma once

#include "cli/disk_access.hpp"

#include <string>
#include <vector>

namespace spindle::tool {

/// Returns whether a path contains a wildcard.
bool has_wildcard(const std::string& path);

/// Returns the paths that match a pattern, sorted. The wildcards are "*", "?"
/// and "[…]"; they match neither "/" nor a leading period of a component. Fails
/// with `errc::not_found` if there are none.
attempt<std::vector<std::string>> matching_paths(disk_access& disk,
                                                 const std::string& pattern);

} // namespace spindle::tool
