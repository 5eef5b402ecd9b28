// Many writers that end at the same time.
#include "statistics.hpp"
#include "stream.hpp"
#include "writers.hpp"

#include "spindle/client.hpp"

#include <chrono>
#include <cstddef>
#include <string>
#include <thread>

namespace bench {

namespace {

/// Waits until so many writers are alive.
void wait_for_writers(spindle::client& client, size_t count) {
  for (;;) {
    auto status = client.status();
    if (!status || status->writers == count)
      return;
    std::this_thread::yield();
  }
}

/// Returns how many seconds writers take to end that are chained to a writer
/// which is cancelled. None of them touches the disk.
double time_of_ends(host& where, size_t count) {
  spindle::client client{where.queue(), std::chrono::minutes{5}};
  auto first = where.queue().write({.path = "none", .open_ended = true});
  for (size_t i = 0; i < count; ++i) {
    where.queue().write({.path = "none", .chain_after = first});
    // Waiting for an answer keeps the mailbox short.
    if (i % 1024 == 0)
      client.status();
  }
  wait_for_writers(client, count + 1);
  auto begin = std::chrono::steady_clock::now();
  cancel_all(where, {first});
  wait_for_writers(client, 0);
  std::chrono::duration<double> res = std::chrono::steady_clock::now() - begin;
  return res.count();
}

} // namespace

std::vector<row> measure_ends(const options& opts) {
  spindle::settings bounds = settings_of(opts);
  std::vector<row> res;
  for (size_t count : {10'000, 100'000}) {
    bounds.max_writers = count + 1;
    samples times;
    for (size_t round = 0; round < opts.duty_rounds; ++round) {
      host where{opts.scheduler, bounds};
      times.push_back(time_of_ends(where, count));
    }
    res.push_back({"writers that end together", std::to_string(count),
                   "chained to one that fails",
                   median(times) / static_cast<double>(count) * 1e6,
                   "us each"});
  }
  print(res);
  return res;
}

} // namespace bench
