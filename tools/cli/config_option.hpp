// The option `--config FILE`, which is the same for all commands.
#pragma once

#include "spindle/config/configuration.hpp"

#include <CLI/CLI.hpp>

#include <optional>
#include <string>

namespace spindle::tool {

/// Adds `--config FILE` to a command. `file` stays empty without it.
void add_config_option(CLI::App& cmd, std::string& file);

/// Loads a file, or what is built in if `file` is empty. Tells stderr what is
/// wrong with it, if anything is, and then returns none; exit with 2.
std::optional<config::configuration> load_config(const std::string& file);

} // namespace spindle::tool
