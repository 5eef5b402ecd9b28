// The commands of a program and what may follow each, taken from its parser.
#pragma once

#include <CLI/CLI.hpp>

#include <string>
#include <vector>

namespace spindle::tool {

/// An option that may be given.
struct completion_option {
  /// With dashes.
  std::vector<std::string> names{};
  std::string description{};
  bool takes_value = false;
  /// What the value may be, if that is known.
  std::vector<std::string> choices{};
};

/// A command below another one.
struct completion_name {
  std::string name;
  std::string description{};
};

/// A command, or the program itself.
struct completion_command {
  /// What leads to it, for instance "config" and "check".
  std::vector<std::string> words{};
  std::vector<completion_option> options{};
  std::vector<completion_name> subcommands{};
  /// What its argument may be, if that is known.
  std::vector<std::string> choices{};
};

/// Returns the program and all its commands. Options whose type is "a|b|c" have
/// these choices.
std::vector<completion_command> completion_commands(const CLI::App& app);

} // namespace spindle::tool
