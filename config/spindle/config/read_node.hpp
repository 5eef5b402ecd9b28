// Reads the settings of a node.
#pragma once

#include "spindle/config/read_keys.hpp"

namespace spindle::config {

/// Reads `[listen]`.
void read_listen(const entry& from, reading& all);

/// Reads `[volumes]`.
void read_volumes(const entry& from, reading& all);

/// Reads `[limits]`. Profiles must have been read before.
void read_limits(const entry& from, reading& all);

/// Reads `[node]`.
void read_node(const entry& from, reading& all);

} // namespace spindle::config
