// The commands of a program with their options, taken from its parser.
#pragma once

#include <CLI/CLI.hpp>

#include <string>
#include <vector>

namespace spindle::tool {

/// An option of a command.
struct completion_option {
  /// With dashes.
  std::vector<std::string> names{};
  std::string description{};
  bool takes_value = false;
  /// Valid values; empty if any text is valid.
  std::vector<std::string> choices{};
};

/// A subcommand.
struct completion_name {
  std::string name;
  std::string description{};
};

/// A command, or the program itself.
struct completion_command {
  /// The words that select it, for instance "config" and "check".
  std::vector<std::string> words{};
  std::vector<completion_option> options{};
  std::vector<completion_name> subcommands{};
  /// Valid values of its argument; empty if any text is valid.
  std::vector<std::string> choices{};
};

/// Returns the program and all its commands. An option with the type name
/// "a|b|c" has these three choices.
std::vector<completion_command> completion_commands(const CLI::App& app);

} // namespace spindle::tool
