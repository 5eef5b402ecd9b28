// Paths on a command line.
#pragma once

#include <CLI/CLI.hpp>

#include <string>
#include <vector>

namespace spindle::tool {

/// Adds any number of paths. At least one is required, unless `paths` has
/// defaults.
inline void add_paths(CLI::App& cmd, std::vector<std::string>& paths,
                      const char* text) {
  auto required = paths.empty();
  cmd.add_option("PATH", paths, text)->type_name("")->required(required);
}

} // namespace spindle::tool
