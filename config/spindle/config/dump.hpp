// Writes a configuration as TOML.
#pragma once

#include "spindle/config/configuration.hpp"

#include <string>

namespace spindle::config {

/// Returns everything that is in force as TOML that is read as the same values
/// again, with a comment at each value that says where it comes from.
std::string to_toml(const configuration& x);

} // namespace spindle::config
