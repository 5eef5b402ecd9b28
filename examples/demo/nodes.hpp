// Shows a node and its client.
#pragma once

#include <string>
#include <vector>

namespace demo {

/// Starts a node for a directory in `directory`, uses it as a client over
/// loopback, prints the durations, and checks the result on the disk.
/// @returns problems, one line each.
std::vector<std::string> show_nodes(const std::string& directory);

} // namespace demo
