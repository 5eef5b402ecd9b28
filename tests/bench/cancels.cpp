// How long it takes to cancel a long operation.
#include "neighbours.hpp"
#include "pinger.hpp"
#include "sections.hpp"
#include "statistics.hpp"
#include "succeeded.hpp"

#include "spindle/client.hpp"

#include <algorithm>
#include <chrono>
#include <future>
#include <memory>
#include <stdexcept>
#include <thread>

namespace bench {

namespace {

using clock = std::chrono::steady_clock;

/// How often each operation is cancelled in a round.
constexpr size_t times = 5;

/// Starts an operation, and cancels it after it was at work for a while.
/// @returns how many microseconds later its outcome came; nothing if it was
///          done before.
std::optional<double> cancel_after(spindle::client& client,
                                   const spindle::operation& op,
                                   std::chrono::milliseconds work) {
  // Shared, because the callback outlives this function if the cancel fails.
  auto promise = std::make_shared<
    std::promise<std::pair<spindle::errc, clock::time_point>>>();
  auto ended = promise->get_future();
  auto which
    = succeeded(client.submit(op, [promise](const spindle::outcome& x) {
        auto code = x.result ? spindle::errc::none : x.result.error().code;
        promise->set_value({code, clock::now()});
      }));
  std::this_thread::sleep_for(work);
  auto start = clock::now();
  succeeded(client.cancel(*which));
  auto [code, end] = ended.get();
  if (code == spindle::errc::none) {
    // The next copy needs the name.
    if (auto* copy = std::get_if<spindle::directory_copy>(&op))
      succeeded(client.run(spindle::directory_delete{.path = copy->target}));
    return std::nullopt;
  }
  if (code != spindle::errc::cancelled)
    throw std::runtime_error{"an operation failed that was cancelled"};
  return std::chrono::duration<double, std::micro>{end - start}.count();
}

std::vector<row> cancel_rows(const std::string& where, const std::string& who,
                             const samples& waited) {
  auto aim = 2
           * std::chrono::duration<double, std::micro>{spindle::settings{}
                                                         .turn_quantum}
               .count();
  return {{"cancel p50", where, who, median(waited), "us"},
          {.measure = "cancel max",
           .where = where,
           .who = who,
           .value = *std::max_element(waited.begin(), waited.end()),
           .unit = "us",
           .aim = aim}};
}

std::vector<row> measure_cancels_on(const options& opts,
                                    const std::string& where,
                                    const std::string& parent) {
  neighbourhood around{parent, amount_of(opts)};
  host own{opts.scheduler, settings_of(opts)};
  spindle::client client{own.queue(), std::chrono::minutes{5}};
  std::vector<row> res;
  for (const auto& [name, op] : around.operations()) {
    if (!opts.admits(name))
      continue;
    samples waited;
    for (size_t i = 0; i < opts.fairness_rounds * times; ++i)
      // Different moments of the operation and of its slices.
      if (auto time
          = cancel_after(client, op, std::chrono::milliseconds{5 + 7 * i}))
        waited.push_back(*time);
    if (waited.empty())
      continue;
    auto rows = cancel_rows(where, name, waited);
    print(rows);
    res.insert(res.end(), rows.begin(), rows.end());
  }
  return res;
}

} // namespace

std::vector<row> measure_cancels(const options& opts) {
  if (!opts.wants("cancel"))
    return {};
  auto res = measure_cancels_on(opts, "tmpfs", opts.tmpfs);
  auto more = measure_cancels_on(opts, "disk", opts.disk);
  res.insert(res.end(), more.begin(), more.end());
  return res;
}

} // namespace bench
