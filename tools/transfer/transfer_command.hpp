// Common parts of `spindle get` and `spindle put`.
#pragma once

#include "cli/place.hpp"
#include "transfer/pace_option.hpp"
#include "transfer/transfer.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace spindle::tool {

/// The parsed command line of both commands.
struct transfer_options {
  place_options where;
  /// Sources, then the target if there is more than one path.
  std::vector<std::string> paths;
  std::optional<uint64_t> chunk_size;
  pace_options pace;
  bool recursive = false;
  bool no_resume = false;
  bool no_preserve = false;
  bool allow_growth = false;
  /// Maximum number of retries in a row after the loss of the node.
  uint64_t retry = 0;
  bool quiet = false;
  bool as_json = false;

  /// Returns the target; empty if there is none.
  std::string target() const {
    return paths.size() > 1 ? paths.back() : std::string{};
  }

  /// Returns the sources.
  std::vector<std::string> sources() const {
    return {paths.begin(), paths.end() - (paths.size() > 1 ? 1 : 0)};
  }
};

/// Adds the options of both commands.
void add_transfer_options(CLI::App& cmd, transfer_options& options,
                          const char* paths_text);

/// Returns the size of a chunk in bytes.
/// @param pace may be null.
uint64_t chunk_size_of(const transfer_options& options,
                       const transfer_pace* pace);

/// The disks of the sources and of the target.
struct transfer_sides {
  disk_access& from;
  disk_access& to;
  /// Returns whether a source can only be read once, from the beginning.
  std::function<bool(const std::string& source)> is_stream;
};

/// Returns the disks of a command at a place.
using side_chooser = std::function<transfer_sides(place&)>;

/// Transfers all sources, shows the progress, and reports the results. A signal
/// ends the program with a message how to resume.
/// @returns the exit code.
int run_transfer(const std::string& command, const transfer_options& options,
                 const side_chooser& choose);

} // namespace spindle::tool
