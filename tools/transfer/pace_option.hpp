// The options `--rate` and `--profile` of commands that move bytes.
#pragma once

#include "cli/disk_access.hpp"
#include "transfer/transfer_pace.hpp"

#include "spindle/message/profile.hpp"

#include <CLI/CLI.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

namespace spindle::tool {

/// The values of `--rate` and `--profile`.
struct pace_options {
  /// Bytes per second.
  std::optional<uint64_t> rate{};
  /// Name of the profile; empty for none.
  std::string profile{};

  bool are_given() const {
    return rate || !profile.empty();
  }
};

/// Returns the text for a profile that does not exist.
/// @param among the profiles that exist.
std::string unknown_profile(const std::string& name,
                            std::span<const profile> among);

/// Adds both options.
void add_pace_options(CLI::App& cmd, pace_options& options);

/// Returns the pace that the options set; null if they set none.
/// @param among the profiles that exist.
attempt<std::unique_ptr<transfer_pace>> pace_of(const pace_options& options,
                                                std::span<const profile> among);

} // namespace spindle::tool
