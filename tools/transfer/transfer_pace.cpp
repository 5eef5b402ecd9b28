#include "transfer/transfer_pace.hpp"

#include <algorithm>
#include <chrono>

#include <poll.h>
#include <thread>

namespace spindle::tool {

namespace {

using clock = std::chrono::steady_clock;

/// Number of chunks per second under a rate limit: enough to avoid bursts,
/// and few enough that the latency of a message does not matter.
constexpr uint64_t chunks_per_s = 10;

constexpr uint64_t min_chunk_size = 4096;

uint64_t chunk_size_of(const profile& how) {
  if (!how.max_rate)
    return how.chunk_size;
  return std::min(how.chunk_size,
                  std::max(*how.max_rate / chunks_per_s, min_chunk_size));
}

} // namespace

transfer_pace::transfer_pace(const profile& how)
    : pacer_(how, clock::now()), chunk_size_(chunk_size_of(how)) {}

bool transfer_pace::one_by_one() const {
  return pacer_.current().bandwidth_pct < 100;
}

bool transfer_pace::is_early() const {
  auto start = pacer_.next_start();
  return start && *start > clock::now();
}

void transfer_pace::wait(const stop_event* stop) {
  // No chunk is in flight, so the pacer knows the next start.
  auto until = pacer_.next_start().value_or(clock::now());
  if (!stop) {
    std::this_thread::sleep_until(until);
    return;
  }
  while (!stop->requested() && clock::now() < until) {
    auto rest
      = std::chrono::ceil<std::chrono::milliseconds>(until - clock::now());
    pollfd waits{stop->descriptor(), POLLIN, 0};
    ::poll(&waits, 1,
           static_cast<int>(std::min<int64_t>(rest.count(), 1'000'000)));
  }
}

void transfer_pace::on_handed_over(uint64_t bytes) {
  pacer_.on_handed_over(clock::now(), bytes);
}

void transfer_pace::on_written(uint64_t bytes) {
  pacer_.on_written(clock::now(), bytes);
}

} // namespace spindle::tool
