#include "write_text.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdio>

namespace spindle::tool {

namespace {

/// Beyond that nobody wants to know.
constexpr double max_seconds = 1e6;

constexpr size_t bar_width = 24;

template <class... Ts>
std::string formatted(const char* format, Ts... xs) {
  char res[128];
  std::snprintf(res, sizeof(res), format, xs...);
  return res;
}

double share(const writer_status& now, uint64_t total) {
  if (total == 0)
    return 1;
  auto res = static_cast<double>(now.written) / static_cast<double>(total);
  return std::min(res, 1.0);
}

std::string rate_and_duty(double rate, double duty) {
  return short_size(rate) + "/s, duty " + formatted("%.0f%%", duty);
}

} // namespace

std::string short_size(double bytes) {
  constexpr std::array units{"B", "KiB", "MiB", "GiB", "TiB"};
  size_t unit = 0;
  // What would be shown as 1000 has the next unit.
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

std::string progress_text(const writer_status& now,
                          std::optional<uint64_t> total) {
  auto res = short_size(static_cast<double>(now.written));
  if (total)
    res += " of " + short_size(static_cast<double>(*total))
         + formatted(" (%.0f%%)", std::floor(100 * share(now, *total)));
  auto rate = now.recent_rate_bytes_per_s;
  res += ", " + rate_and_duty(rate, now.recent_duty_pct);
  if (total && rate > 0 && *total >= now.written)
    res += ", " + short_time(static_cast<double>(*total - now.written) / rate)
         + " left";
  return res;
}

std::string progress_bar(const writer_status& now,
                         std::optional<uint64_t> total) {
  auto text = progress_text(now, total);
  if (!total)
    return text;
  auto full = static_cast<size_t>(share(now, *total) * bar_width);
  return '[' + std::string(full, '#') + std::string(bar_width - full, '.')
       + "] " + text;
}

std::string summary_text(const writer_status& last) {
  auto res = short_size(static_cast<double>(last.written)) + " written";
  if (!last.finished_after || !last.started_after)
    return res;
  std::chrono::duration<double> time
    = *last.finished_after - *last.started_after;
  return res + formatted(" in %.2fs, ", time.count())
       + rate_and_duty(last.rate_bytes_per_s, last.duty_pct);
}

} // namespace spindle::tool
