// Failures because of a missing parent directory.
#pragma once

#include "cli/disk_access.hpp"

#include <string>

namespace spindle::tool {

/// Returns `why` for the missing directory `path`, with the command that makes
/// it.
failure no_directory(failure why, const std::string& path);

/// Returns why `target` could not be made: that its parent directory is missing
/// if so, else `why`.
failure explained(disk_access& disk, failure why, const std::string& target);

} // namespace spindle::tool
