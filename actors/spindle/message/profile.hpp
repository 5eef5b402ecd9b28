// How a writer balances throughput against interactivity.
#pragma once

#include "spindle/export.hpp"
#include "spindle/message/inspect.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace spindle {

// -- pacing -------------------------------------------------------------------

/// Which rule turns a bandwidth percentage into pauses.
enum class pacing : uint8_t {
  /// The percentage is the share of time in which the writer is busy.
  duty_cycle,
  /// The rule of older software: after each chunk a pause of (1 - percentage)
  /// times the mean time of a chunk, which makes the share 1 / (2 -
  /// percentage).
  relative,
};

/// Number of values of `pacing`, the first of them 0.
inline constexpr size_t pacing_count = 2;

/// Returns the name of the value.
SPINDLE_EXPORT std::string to_string(pacing);

// -- profiles -----------------------------------------------------------------

/// How a background writer writes. docs/pacing.md gives the exact meaning.
struct profile {
  /// What writers call it; built-in profiles are "1" to "10".
  std::string name{};
  /// How long a writer waits after the one that it is chained to has ended.
  std::chrono::nanoseconds chain_wait{};
  /// Bytes that are written at once; greater than 0.
  uint64_t chunk_size = uint64_t{1} << 20;
  /// Share of the available bandwidth, in percent: in (0, 100].
  double bandwidth_pct = 100;
  /// Number of chunks over which the time of a chunk is averaged; at least 1.
  uint32_t rate_smoothing = 5;
  /// The most bytes per second, if limited; greater than 0.
  std::optional<uint64_t> max_rate{};
  spindle::pacing pacing = pacing::duty_cycle;
  /// Share of the disk while others want it too, in proportion to the weights
  /// of the other clients of the queue, which are 1 by default; at least 1.
  uint32_t weight = 1;

  bool operator==(const profile&) const = default;

  static constexpr const char* type_name = "profile";
  static constexpr auto fields = std::tuple{
    field{"name", &profile::name},
    field{"chain_wait", &profile::chain_wait},
    field{"chunk_size", &profile::chunk_size},
    field{"bandwidth_pct", &profile::bandwidth_pct},
    field{"rate_smoothing", &profile::rate_smoothing},
    field{"max_rate", &profile::max_rate},
    field{"pacing", &profile::pacing},
    field{"weight", &profile::weight},
  };
};

/// Name of the profile of writers that do not choose one.
inline constexpr std::string_view default_profile = "4";

/// Returns the ten built-in profiles, from most throughput ("1") to most
/// interactive ("10"). The same table is in config/profiles.toml.
SPINDLE_EXPORT const std::vector<profile>& built_in_profiles();

/// Returns the profile of that name, or null.
SPINDLE_EXPORT const profile* find_profile(std::span<const profile> among,
                                           std::string_view name);

/// Returns why no writer could follow a profile, for instance "bandwidth_pct
/// must be greater than 0 and at most 100, found 120"; nothing if one can.
SPINDLE_EXPORT std::optional<std::string> defect_of(const profile& x);

/// Returns in what a profile asks for more than `most` does, for instance
/// "bandwidth_pct is 72, at most 45 is allowed"; nothing if it does not.
SPINDLE_EXPORT std::optional<std::string> excess_of(const profile& x,
                                                    const profile& most);

} // namespace spindle

CAFX_ENUM(spindle, pacing, pacing_count)
