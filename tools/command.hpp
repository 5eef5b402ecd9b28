// The commands of the program `spindle`. Each has a file of its own.
#pragma once

#include "exit_code.hpp"

#include <CLI/CLI.hpp>

#include <functional>

namespace spindle::tool {

/// What the command line asks for; returns the exit code.
using command = std::function<int()>;

/// Adds `spindle config` to `app`; if it is used, `chosen` runs it.
void add_config(CLI::App& app, command& chosen);

/// Adds `spindle profiles` to `app`; if it is used, `chosen` runs it.
void add_profiles(CLI::App& app, command& chosen);

/// Adds `spindle run` to `app`; if it is used, `chosen` runs it.
void add_run(CLI::App& app, command& chosen);

/// Adds `spindle write` to `app`; if it is used, `chosen` runs it.
void add_write(CLI::App& app, command& chosen);

} // namespace spindle::tool
