// A node and its client.
#pragma once

#include <string>
#include <vector>

namespace demo {

/// Offers a directory in `directory` as a node, works with it as a client of
/// its own over loopback, prints how fast that was, and looks at the result
/// without either; returns what went wrong.
std::vector<std::string> show_nodes(const std::string& directory);

} // namespace demo
