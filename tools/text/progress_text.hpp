// The progress of a transfer or a writer as text.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace spindle::tool {

/// Returns a number of bytes with up to three digits, for instance "1.25MiB".
std::string short_size(double bytes);

/// Returns a time as "3s", "2m05s" or "1h02m".
std::string short_time(double seconds);

/// Figures about the progress.
struct progress_figures {
  /// Bytes.
  uint64_t done = 0;
  /// Total number of bytes, if known.
  std::optional<uint64_t> total{};
  double rate_bytes_per_s = 0;
  /// The share of the time that a writer is busy; none for a transfer.
  std::optional<double> duty_pct{};
};

/// Returns a rate, with the duty if there is one.
std::string rate_text(double rate_bytes_per_s, std::optional<double> duty_pct);

/// Returns bytes, percent, rate, duty and time left, as far as they are known.
std::string progress_text(const progress_figures& now);

/// Returns the same with a bar, if the total is known.
std::string progress_bar(const progress_figures& now);

} // namespace spindle::tool
