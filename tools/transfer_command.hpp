// What `spindle get` and `spindle put` have in common.
#pragma once

#include "place.hpp"
#include "transfer.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace spindle::tool {

/// The command line of both.
struct transfer_options {
  place_options where;
  std::string source;
  /// Empty: a file of the same name.
  std::string target;
  std::optional<uint64_t> chunk_size;
  bool no_resume = false;
  bool quiet = false;
  bool as_json = false;
};

/// Adds the options of both commands.
void add_transfer_options(CLI::App& cmd, transfer_options& options,
                          const char* source_text, const char* target_text);

/// Returns the bytes of a chunk.
uint64_t chunk_size_of(const transfer_options& options);

/// Returns the target: a file of the name of the source, if the target is a
/// directory or not given.
std::string target_of(const transfer_options& options, disk_access& disk,
                      const std::string& name);

/// Says which transfer is to be done at a place.
using job_maker = std::function<transfer_job(place&)>;

/// Does a transfer, shows how far it is, and says what came of it. A signal
/// ends the program at once, and it says how to go on.
/// @returns the exit code.
int run_transfer(const std::string& command, const transfer_options& options,
                 const job_maker& make_job);

} // namespace spindle::tool
