// Reads `[profiles]`: each profile on top of the one that it is based on.
#pragma once

#include "spindle/config/read_keys.hpp"

namespace spindle::config {

/// Reads the tables in `[profiles]`. Their order in the file does not matter.
void read_profiles(const table& from, reading& all);

} // namespace spindle::config
