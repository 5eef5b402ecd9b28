// Writes a configuration as TOML.
#pragma once

#include "spindle/config/configuration.hpp"

#include <string>

namespace spindle::config {

/// Returns all values as TOML that loads as the same values, with a comment at
/// each value that names its origin.
std::string to_toml(const configuration& x);

} // namespace spindle::config
