// How far something is that takes its time, for people.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace spindle::tool {

/// Returns a number of bytes with three digits, for instance "1.25MiB".
std::string short_size(double bytes);

/// Returns a time as people say it: "3s", "2m05s", "1h02m".
std::string short_time(double seconds);

/// How far something is.
struct progress_figures {
  /// Bytes.
  uint64_t done = 0;
  /// How many there will be, if that is known.
  std::optional<uint64_t> total{};
  double rate_bytes_per_s = 0;
  /// The share of time that a writer is busy, if it is a writer.
  std::optional<double> duty_pct{};
};

/// Returns a rate, with the duty if there is one.
std::string rate_text(double rate_bytes_per_s, std::optional<double> duty_pct);

/// Returns bytes, percent, rate, duty and time left, as far as they are known.
std::string progress_text(const progress_figures& now);

/// Returns the same with a bar, if the total is known.
std::string progress_bar(const progress_figures& now);

} // namespace spindle::tool
