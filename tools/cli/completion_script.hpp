// Scripts with which shells complete command lines.
#pragma once

#include <CLI/CLI.hpp>

#include <string>

namespace spindle::tool {

/// Returns a script for bash that completes the commands, options and choices
/// of `app`.
std::string bash_completion(const CLI::App& app);

/// Returns a script for zsh, to be put into a directory of its `fpath`.
std::string zsh_completion(const CLI::App& app);

/// Returns a script for fish.
std::string fish_completion(const CLI::App& app);

} // namespace spindle::tool
