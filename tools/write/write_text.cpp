#include "write/write_text.hpp"

#include <chrono>
#include <cstdio>

namespace spindle::tool {

progress_figures figures_of(const writer_status& now,
                            std::optional<uint64_t> total) {
  return {.done = now.written,
          .total = total,
          .rate_bytes_per_s = now.recent_rate_bytes_per_s,
          .duty_pct = now.recent_duty_pct};
}

std::string summary_text(const writer_status& last) {
  auto res = short_size(static_cast<double>(last.written)) + " written";
  if (!last.finished_after || !last.started_after)
    return res;
  std::chrono::duration<double> time
    = *last.finished_after - *last.started_after;
  char in[64];
  std::snprintf(in, sizeof in, " in %.2fs, ", time.count());
  return res + in + rate_text(last.rate_bytes_per_s, last.duty_pct);
}

} // namespace spindle::tool
