// What is to go into a directory that is not there.
#pragma once

#include "cli/disk_access.hpp"

#include <string>

namespace spindle::tool {

/// Says of a failure that `path`, a directory, is missing, and what makes it.
failure no_directory(failure why, const std::string& path);

/// Returns why nothing could be made at `target`: the directory that is to hold
/// it if that is missing, else `why`.
failure explained(disk_access& disk, failure why, const std::string& target);

} // namespace spindle::tool
