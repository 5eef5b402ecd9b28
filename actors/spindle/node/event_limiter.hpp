// Lets nobody fill a log by causing the same event over and over.
#pragma once

#include "spindle/export.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace spindle {

/// Decides which events are told: of each kind ten at once, and then one more
/// for each second. Not thread-safe.
class SPINDLE_EXPORT event_limiter {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// How many events of a kind may come at once.
  static constexpr size_t burst = 10;

  /// @param kind one of few: all kinds are remembered.
  /// @returns how many of this kind were not told since the last one that was,
  ///          or nothing if this one is not to be told.
  std::optional<uint64_t> admit(const std::string& kind, time_point now);

private:
  struct allowance {
    double left = burst;
    time_point updated;
    uint64_t untold = 0;
  };

  std::map<std::string, allowance> kinds_;
};

} // namespace spindle
