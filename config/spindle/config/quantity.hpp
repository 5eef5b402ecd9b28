// Durations, sizes and rates with units.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace spindle::config {

// -- limits -------------------------------------------------------------------

/// Maximum duration, small enough that adding it to a time does not overflow.
inline constexpr std::chrono::nanoseconds max_duration
  = std::chrono::seconds{1'000'000'000};

/// Maximum size in bytes, and maximum rate in bytes per second: 1024TiB.
inline constexpr uint64_t max_size = uint64_t{1} << 50;

// -- reading ------------------------------------------------------------------

/// Reads a number with a unit, for instance "2.4ms"; rounds to the nearest
/// nanosecond. Returns none unless it is from 0 to `max_duration`.
std::optional<std::chrono::nanoseconds> duration_of(std::string_view text);

/// Like `duration_of`, for a number of milliseconds.
std::optional<std::chrono::nanoseconds> duration_of_ms(long double number);

/// Reads a number with a unit, for instance "0.69MiB", or "20M" for "20MiB";
/// rounds to the nearest byte. Returns none unless it is from 0 to `max_size`.
std::optional<uint64_t> size_of(std::string_view text);

/// Like `size_of`, for a number of bytes.
std::optional<uint64_t> size_of_bytes(long double number);

/// Reads a size per second, for instance "20MiB/s" or "20M"; otherwise like
/// `size_of`.
std::optional<uint64_t> rate_of(std::string_view text);

// -- writing ------------------------------------------------------------------

/// Returns a text that `duration_of` reads back exactly, for instance "2.4ms".
std::string shown_duration(std::chrono::nanoseconds x);

/// Returns a text that `size_of` reads back exactly, for instance "0.69MiB".
std::string shown_size(uint64_t bytes);

/// Returns a text that `rate_of` reads back exactly, for instance "20MiB/s".
std::string shown_rate(uint64_t bytes_per_s);

} // namespace spindle::config
