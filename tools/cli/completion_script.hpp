// What shells need to complete command lines.
#pragma once

#include <CLI/CLI.hpp>

#include <string>

namespace spindle::tool {

/// Returns a script for bash that completes the commands, options and choices
/// that `app` has.
std::string bash_completion(const CLI::App& app);

/// Returns the same for zsh, to be put into a directory of its `fpath`.
std::string zsh_completion(const CLI::App& app);

/// Returns the same for fish.
std::string fish_completion(const CLI::App& app);

} // namespace spindle::tool
