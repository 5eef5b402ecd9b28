#include "run/run_session.hpp"

#include <algorithm>
#include <condition_variable>
#include <cstdlib>
#include <exception>
#include <limits>
#include <mutex>
#include <thread>
#include <utility>

namespace spindle::tool {

namespace {

/// How long outcomes may take that are on their way already, after a second
/// signal.
constexpr auto grace = std::chrono::milliseconds{500};

/// Likewise after a deadline. A busy machine may need some of it; all of it is
/// needed only if a system call does not return.
constexpr auto deadline_grace = std::chrono::seconds{5};

/// What background writes may take all together.
constexpr backlog_limits background_limits{
  .items = 1024,
  .memory_bytes = uint64_t{256} << 20,
  .operations = std::numeric_limits<size_t>::max(),
  .payload_bytes = std::numeric_limits<uint64_t>::max()};

backlog_limits limits_of(const settings& x) {
  return {.operations = x.max_pending_ops,
          .payload_bytes = x.max_pending_bytes};
}

} // namespace

// -- constructors, destructors, and assignment operators ----------------------

session::session(queue q, const session_options& options, stop_event& stop)
    : strict_(options.strict),
      stop_(stop),
      queue_(std::move(q)),
      backlog_(limits_of(options.queue), background_limits),
      reporter_(options.streams, [this] { abandon(); }),
      outcomes_(backlog_, reporter_),
      intake_(queue_, options.queue, backlog_, outcomes_, reporter_) {}

// -- running ------------------------------------------------------------------

bool session::run(line_source& input) {
  read(input);
  auto res = drain();
  reporter_.finish();
  return res;
}

void session::read(line_source& input) {
  using verdict = intake::verdict;
  try {
    while (auto line = input.next()) {
      auto res = intake_.on_line(*line);
      if (res == verdict::shutdown
          || (res == verdict::not_understood && strict_))
        return;
    }
  } catch (const std::exception& why) {
    // A failing device, or a line that is too large for the memory. Whatever
    // was read before is done nevertheless.
    reporter_.input_failed(std::string{"cannot read the input: "} + why.what());
  }
}

void session::abandon() {
  stop_.request();
  intake_.when_sent([this] {
    cafx::anon_mail(shutdown{caf::timespan::zero()}).send(queue_.front());
  });
}

void session::leave() {
  abandon();
  std::mutex mutex;
  std::condition_variable changed;
  auto reported = false;
  // In a thread of its own, because stdout may take nothing any more.
  std::thread{[&] {
    backlog_.wait_until_empty_for(grace);
    outcomes_.report_rest();
    reporter_.finish();
    std::unique_lock guard{mutex};
    reported = true;
    changed.notify_all();
  }}.detach();
  std::unique_lock guard{mutex};
  changed.wait_for(guard, 2 * grace, [&] { return reported; });
  std::_Exit(status());
}

bool session::drain() {
  using std::chrono::steady_clock;
  const auto& asked = intake_.shutdown_asked();
  auto deadline = asked ? asked->deadline : std::nullopt;
  auto begin = steady_clock::now();
  intake_.resume_writers();
  // The queue would end those, too, but before their sources are read.
  backlog_.wait_for_background(deadline);
  if (deadline)
    deadline = std::max(*deadline - (steady_clock::now() - begin),
                        std::chrono::nanoseconds{0});
  auto report = intake_.shut_down(deadline);
  auto complete = true;
  if (report && !deadline)
    backlog_.wait_until_empty();
  else
    complete = backlog_.wait_until_empty_for(deadline_grace);
  if (!complete)
    outcomes_.report_rest();
  if (report && report->totals.callbacks_threw > 0)
    reporter_.outcomes_lost(report->totals.callbacks_threw);
  if (asked) {
    auto counts = reporter_.counts();
    reporter_.control(asked->id, "shutdown", true,
                      json::object({{"succeeded", counts.succeeded},
                                    {"failed", counts.failed}}));
  }
  return complete;
}

} // namespace spindle::tool
