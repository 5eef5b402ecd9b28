#include "spindle/node/event_limiter.hpp"

#include <algorithm>
#include <utility>

namespace spindle {

std::optional<uint64_t> event_limiter::admit(const std::string& kind,
                                             time_point now) {
  auto& one = kinds_.try_emplace(kind, allowance{.updated = now}).first->second;
  std::chrono::duration<double> passed = now - one.updated;
  one.left = std::min<double>(burst, one.left + passed.count());
  one.updated = now;
  if (one.left < 1) {
    ++one.dropped;
    return std::nullopt;
  }
  one.left -= 1;
  return std::exchange(one.dropped, 0u);
}

} // namespace spindle
