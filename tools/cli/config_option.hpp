// The option `--config FILE`, the same for all commands.
#pragma once

#include "spindle/config/configuration.hpp"

#include <CLI/CLI.hpp>

#include <optional>
#include <string>

namespace spindle::tool {

/// Adds `--config FILE` to a command. `file` stays empty without it.
void add_config_option(CLI::App& cmd, std::string& file);

/// Loads a file, or the built-in configuration if `file` is empty.
/// @returns nothing after writing the mistakes of the file to stderr; exit with
///          `exit_bad_input` then.
std::optional<config::configuration> load_config(const std::string& file);

} // namespace spindle::tool
