// The commands of the program `spindle`. Each has a file of its own.
#pragma once

#include <CLI/CLI.hpp>

#include <functional>

namespace spindle::tool {

/// What the command line asks for; returns the exit code.
using command = std::function<int()>;

/// Adds `spindle run` to `app`; if it is used, `chosen` runs it.
void add_run(CLI::App& app, command& chosen);

} // namespace spindle::tool
