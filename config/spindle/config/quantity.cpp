#include "spindle/config/quantity.hpp"

#include <charconv>
#include <cmath>
#include <cstdio>
#include <limits>
#include <span>

namespace spindle::config {

namespace {

// -- units --------------------------------------------------------------------

struct unit {
  std::string_view name;
  uint64_t factor;
  /// Whether the unit is also used for output.
  bool shown = true;
};

/// Returns 1000 to the power of `n`.
constexpr uint64_t decimal(int n) {
  return n == 0 ? 1 : 1000 * decimal(n - 1);
}

/// Returns 1024 to the power of `n`.
constexpr uint64_t binary(int n) {
  return uint64_t{1} << (10 * n);
}

// Largest first, the smallest with factor 1.
constexpr unit size_units[] = {
  {"TiB", binary(4)},
  {"TB", decimal(4)},
  {"GiB", binary(3)},
  {"GB", decimal(3)},
  {"MiB", binary(2)},
  {"MB", decimal(2)},
  {"KiB", binary(1)},
  {"kB", decimal(1)},
  {"KB", decimal(1), false},
  // Short forms, as in dd(1) and curl(1). There is no "b", which would stand
  // for bits.
  {"T", binary(4), false},
  {"t", binary(4), false},
  {"Ti", binary(4), false},
  {"G", binary(3), false},
  {"g", binary(3), false},
  {"Gi", binary(3), false},
  {"M", binary(2), false},
  {"m", binary(2), false},
  {"Mi", binary(2), false},
  {"K", binary(1), false},
  {"k", binary(1), false},
  {"Ki", binary(1), false},
  {"B", 1},
};

constexpr uint64_t second = decimal(3);

constexpr unit duration_units[] = {
  {"h", 3600 * second, false},
  {"min", 60 * second, false},
  {"s", second},
  {"ms", decimal(2)},
  {"us", decimal(1)},
  {"µs", decimal(1), false},
  {"ns", 1},
};

/// Larger than any amount, and small enough for rounding.
constexpr uint64_t max_amount = uint64_t{1} << 63;

constexpr auto max_nanoseconds = static_cast<uint64_t>(max_duration.count());

// A long double holds all 64 bits of a number, where a double would round.
static_assert(std::numeric_limits<long double>::digits >= 64);

// -- reading ------------------------------------------------------------------

/// Returns the product as a whole number if it is from 0 to `max`.
std::optional<uint64_t> scaled(long double number, uint64_t factor,
                               uint64_t max) {
  auto product = number * static_cast<long double>(factor);
  // Negated, so that NaN is refused, too.
  if (!(number >= 0 && product <= static_cast<long double>(max)))
    return std::nullopt;
  return static_cast<uint64_t>(std::round(product));
}

/// Reads a number and a unit, which one space may separate.
std::optional<uint64_t> amount_of(std::string_view text,
                                  std::span<const unit> units, uint64_t max) {
  // Refuse a sign, "inf" and "nan".
  if (text.empty() || text[0] < '0' || text[0] > '9')
    return std::nullopt;
  long double number = 0;
  auto [rest, error]
    = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{})
    return std::nullopt;
  text.remove_prefix(static_cast<size_t>(rest - text.data()));
  if (text.starts_with(' '))
    text.remove_prefix(1);
  for (const auto& x : units)
    if (text == x.name)
      return scaled(number, x.factor, max);
  return std::nullopt;
}

std::optional<std::chrono::nanoseconds>
to_duration(std::optional<uint64_t> nanoseconds) {
  if (!nanoseconds)
    return std::nullopt;
  return std::chrono::nanoseconds{static_cast<int64_t>(*nanoseconds)};
}

// -- writing ------------------------------------------------------------------

/// Returns the amount in the largest unit in which it has at most two decimals
/// and does not begin with "0.0".
std::string shown_amount(uint64_t amount, std::span<const unit> units) {
  for (const auto& x : units) {
    auto number
      = static_cast<long double>(amount) / static_cast<long double>(x.factor);
    if (!x.shown || number < 0.1L)
      continue;
    for (int digits = 0; digits <= 2; ++digits) {
      char text[64];
      auto length = std::snprintf(text, sizeof text, "%.*Lf", digits, number);
      auto res = std::string(text, static_cast<size_t>(length));
      res += x.name;
      if (amount_of(res, units, max_amount) == amount)
        return res;
    }
  }
  return std::to_string(amount) + std::string{units.back().name};
}

} // namespace

// -- durations ----------------------------------------------------------------

std::optional<std::chrono::nanoseconds> duration_of(std::string_view text) {
  return to_duration(amount_of(text, duration_units, max_nanoseconds));
}

std::optional<std::chrono::nanoseconds> duration_of_ms(long double number) {
  return to_duration(scaled(number, decimal(2), max_nanoseconds));
}

std::string shown_duration(std::chrono::nanoseconds x) {
  return shown_amount(static_cast<uint64_t>(x.count()), duration_units);
}

// -- sizes and rates ----------------------------------------------------------

std::optional<uint64_t> size_of(std::string_view text) {
  return amount_of(text, size_units, max_size);
}

std::optional<uint64_t> size_of_bytes(long double number) {
  return scaled(number, 1, max_size);
}

std::optional<uint64_t> rate_of(std::string_view text) {
  constexpr std::string_view per_second = "/s";
  if (text.ends_with(per_second))
    text.remove_suffix(per_second.size());
  return size_of(text);
}

std::string shown_size(uint64_t bytes) {
  return shown_amount(bytes, size_units);
}

std::string shown_rate(uint64_t bytes_per_s) {
  return shown_size(bytes_per_s) + "/s";
}

} // namespace spindle::config
