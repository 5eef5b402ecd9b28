// The commands of the program `spindle`. Each has a file of its own.
#pragma once

#include <CLI/CLI.hpp>

#include <functional>

namespace spindle::tool {

/// What the command line asks for; returns the exit code.
using command = std::function<int()>;

// -- exit codes ---------------------------------------------------------------

/// The command line, or a file that it names, is not understood.
inline constexpr int exit_bad_input = 2;

/// What the command has to say could not be written.
inline constexpr int exit_output_failed = 3;

// -- commands -----------------------------------------------------------------

/// Adds `spindle config` to `app`; if it is used, `chosen` runs it.
void add_config(CLI::App& app, command& chosen);

/// Adds `spindle profiles` to `app`; if it is used, `chosen` runs it.
void add_profiles(CLI::App& app, command& chosen);

/// Adds `spindle run` to `app`; if it is used, `chosen` runs it.
void add_run(CLI::App& app, command& chosen);

} // namespace spindle::tool
