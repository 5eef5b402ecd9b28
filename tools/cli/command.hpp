// The commands of the program `spindle`. Each has a file of its own.
#pragma once

#include "cli/exit_code.hpp"

#include <CLI/CLI.hpp>

#include <functional>

namespace spindle::tool {

/// Runs the command that the command line names; returns the exit code.
using command = std::function<int()>;

// -- groups of commands in the help -------------------------------------------

inline constexpr const char* file_commands = "Files and directories";
inline constexpr const char* transfer_commands = "Transfers";
inline constexpr const char* stream_commands = "Background and bulk";
inline constexpr const char* setting_commands = "Settings and state";

// -- commands -----------------------------------------------------------------

// Each function adds a command to `app`. If the command line names it, parsing
// sets `chosen`.

/// `spindle ls` lists directories.
void add_ls(CLI::App& app, command& chosen);

/// `spindle stat` shows size, times and other metadata.
void add_stat(CLI::App& app, command& chosen);

/// `spindle cat` writes files to stdout.
void add_cat(CLI::App& app, command& chosen);

/// `spindle cp` copies.
void add_cp(CLI::App& app, command& chosen);

/// `spindle mv` moves and renames.
void add_mv(CLI::App& app, command& chosen);

/// `spindle rm` removes.
void add_rm(CLI::App& app, command& chosen);

/// `spindle mkdir` makes directories.
void add_mkdir(CLI::App& app, command& chosen);

/// `spindle get` fetches a file from the disk.
void add_get(CLI::App& app, command& chosen);

/// `spindle put` copies a file to the disk.
void add_put(CLI::App& app, command& chosen);

/// `spindle run` performs operations given as lines of JSON.
void add_run(CLI::App& app, command& chosen);

/// `spindle write` writes at the pace of a profile.
void add_write(CLI::App& app, command& chosen);

/// `spindle status` shows what the queue is doing.
void add_status(CLI::App& app, command& chosen);

/// `spindle profiles` lists profiles.
void add_profiles(CLI::App& app, command& chosen);

/// `spindle config` checks configurations.
void add_config(CLI::App& app, command& chosen);

/// `spindle completion` prints a script with which a shell completes the
/// command lines of all commands that `app` has when it runs.
void add_completion(CLI::App& app, command& chosen);

} // namespace spindle::tool
