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

/// What the command line says about the pace.
struct pace_options {
  /// Bytes per second.
  std::optional<uint64_t> rate{};
  /// Empty: none.
  std::string profile{};

  bool are_given() const {
    return rate || !profile.empty();
  }
};

/// Adds both options.
void add_pace_options(CLI::App& cmd, pace_options& options);

/// Returns the pace that the options ask for; null if they ask for none.
/// @param among the profiles that there are.
attempt<std::unique_ptr<transfer_pace>> pace_of(const pace_options& options,
                                                std::span<const profile> among);

} // namespace spindle::tool
