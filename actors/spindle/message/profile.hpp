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

/// The rule that computes pauses from `profile::bandwidth_pct`.
enum class pacing : uint8_t {
  /// The percentage is the share of time in which the writer is busy.
  duty_cycle,
  /// The rule of older software: after each chunk a pause of (1 - percentage)
  /// times the mean time of a chunk. The writer is busy for a share of
  /// 1 / (2 - percentage) of the time.
  relative,
};

/// Number of values of `pacing`, the first of them 0.
inline constexpr size_t pacing_count = 2;

/// Returns the name of the value.
SPINDLE_EXPORT std::string to_string(pacing);

// -- profiles -----------------------------------------------------------------

/// Chunk size, pace and weight of a background writer. docs/pacing.md defines
/// the pace.
struct profile {
  /// `profile_choice` refers to it; built-in profiles are "1" to "10".
  std::string name{};
  /// Time between the end of the predecessor in a chain and the first chunk.
  std::chrono::nanoseconds chain_wait{};
  /// Bytes in a chunk; greater than 0.
  uint64_t chunk_size = uint64_t{1} << 20;
  /// Share of the available bandwidth in percent; greater than 0, at most 100.
  double bandwidth_pct = 100;
  /// Number of chunks over which the time of a chunk is averaged; at least 1.
  uint32_t rate_smoothing = 5;
  /// Upper bound of bytes per second, if any; greater than 0.
  std::optional<uint64_t> max_rate{};
  spindle::pacing pacing = pacing::duty_cycle;
  /// Weight of the writer; at least 1. While several clients of a queue have
  /// work for the disk, they share its time in proportion to their weights. An
  /// actor that requests operations has weight 1.
  uint32_t weight = 1;
  /// How long operations of others may wait for the disk, if that matters: at
  /// most one in a hundred waits longer, as long as the writer can help it by
  /// giving up a part of its share. Greater than 0.
  std::optional<std::chrono::nanoseconds> latency_goal{};

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
    field{"latency_goal", &profile::latency_goal},
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

/// Returns why a profile is invalid, for instance "bandwidth_pct must be
/// greater than 0 and at most 100, found 120"; nothing if it is valid.
SPINDLE_EXPORT std::optional<std::string> defect_of(const profile& x);

/// Returns the first value of `x` that asks for more than that of `most`, for
/// instance "bandwidth_pct is 72, at most 45 is allowed"; nothing if none does.
/// Ignores the weight, because a node gives its writers that of their client.
SPINDLE_EXPORT std::optional<std::string> excess_of(const profile& x,
                                                    const profile& most);

/// Returns `x` with each value that asks for more than that of `most` reduced
/// to it. Keeps the weight, as `excess_of` does.
SPINDLE_EXPORT profile reduced(profile x, const profile& most);

} // namespace spindle

CAFX_ENUM(spindle, pacing, pacing_count)
