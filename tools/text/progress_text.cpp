#include "text/progress_text.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace spindle::tool {

namespace {

/// Longer times are shown as this one.
constexpr double max_seconds = 1e6;

constexpr size_t bar_width = 24;

template <class... Ts>
std::string formatted(const char* format, Ts... xs) {
  char res[128];
  std::snprintf(res, sizeof(res), format, xs...);
  return res;
}

double share(const progress_figures& now) {
  if (*now.total == 0)
    return 1;
  auto res = static_cast<double>(now.done) / static_cast<double>(*now.total);
  return std::min(res, 1.0);
}

} // namespace

std::string short_size(double bytes) {
  constexpr std::array units{"B", "KiB", "MiB", "GiB", "TiB"};
  size_t unit = 0;
  // A number that would be rounded to 1000 gets the next unit.
  while (bytes >= 999.5 && unit + 1 < units.size()) {
    bytes /= 1024;
    ++unit;
  }
  auto digits = unit == 0 || bytes >= 99.95 ? 0 : bytes >= 9.995 ? 1 : 2;
  return formatted("%.*f%s", digits, bytes, units[unit]);
}

std::string short_time(double seconds) {
  auto all = std::lround(std::clamp(seconds, 0.0, max_seconds));
  if (all < 60)
    return formatted("%lds", all);
  if (all < 3600)
    return formatted("%ldm%02lds", all / 60, all % 60);
  return formatted("%ldh%02ldm", all / 3600, all / 60 % 60);
}

std::string rate_text(double rate_bytes_per_s, std::optional<double> duty_pct) {
  auto res = short_size(rate_bytes_per_s) + "/s";
  return duty_pct ? res + formatted(", duty %.0f%%", *duty_pct) : res;
}

std::string progress_text(const progress_figures& now) {
  auto res = short_size(static_cast<double>(now.done));
  auto total = now.total;
  if (total)
    res += " of " + short_size(static_cast<double>(*total))
         + formatted(" (%.0f%%)", std::floor(100 * share(now)));
  auto rate = now.rate_bytes_per_s;
  res += ", " + rate_text(rate, now.duty_pct);
  if (total && rate > 0 && *total >= now.done)
    res += ", " + short_time(static_cast<double>(*total - now.done) / rate)
         + " left";
  return res;
}

std::string progress_bar(const progress_figures& now) {
  auto text = progress_text(now);
  if (!now.total)
    return text;
  auto full = static_cast<size_t>(share(now) * bar_width);
  return '[' + std::string(full, '#') + std::string(bar_width - full, '.')
       + "] " + text;
}

} // namespace spindle::tool
