// Limits events, so that a client cannot fill a log with one kind of them.
#pragma once

#include "spindle/export.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace spindle {

/// Decides which events are reported: of each kind ten at once, and one more
/// for each second. Not thread-safe.
class SPINDLE_EXPORT event_limiter {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// How many events of a kind are reported at once.
  static constexpr size_t burst = 10;

  /// Decides on an event.
  /// @param kind all kinds are remembered, so there must be few.
  /// @returns nothing if it is not to be reported; else how many of its kind
  ///          were not reported since the last one that was.
  std::optional<uint64_t> admit(const std::string& kind, time_point now);

private:
  struct allowance {
    double left = burst;
    time_point updated;
    uint64_t dropped = 0;
  };

  std::map<std::string, allowance> kinds_;
};

} // namespace spindle
