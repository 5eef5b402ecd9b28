// How much writers with a latency goal may write while others wait.
#pragma once

#include "spindle/queue/wait_window.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>

namespace spindle {

/// Decides from the waiting times of operations which share of its duty a
/// writer with a latency goal may use. Each goal has a share, which all writers
/// with that goal have in common. Has no clock; times must not decrease from
/// call to call. Allocates nothing. Not thread-safe. docs/pacing.md states the
/// rules.
class share_controller {
public:
  using duration = wait_window::duration;
  using time_point = std::chrono::steady_clock::time_point;

  /// The shares change after each time of this length.
  static constexpr auto period = std::chrono::milliseconds{100};

  /// The smallest share.
  static constexpr double least = 0.01;

  /// An operation that is not a writer's starts at the disk.
  void on_start(time_point now, duration waited) {
    advance(now);
    waits_.add(waited);
  }

  /// Returns the share of writers with this goal, from `least` to 1.
  double share(duration goal, time_point now) {
    advance(now);
    return states_[wait_window::bucket_of(goal)].share;
  }

private:
  /// The state of all goals in a bucket of waiting times. What is measured does
  /// not tell them apart.
  struct state {
    double share = 1;
    /// Number of the last periods in which the goal was met or, if negative, in
    /// which it was exceeded; up to `longest_run`.
    int run = 0;
  };

  // -- steps ------------------------------------------------------------------

  /// By what a share is multiplied: a sixteenth of the step, an eighth, …, and
  /// all of it, where a step is 0.7 down and 1.05 up.
  using steps = std::array<double, 5>;

  static constexpr steps down{0.9779544506629632, 0.9563949075714981,
                              0.9146912192286945, 0.8366600265340756, 0.7};

  static constexpr steps up{1.0030540393653404, 1.0061174058871256,
                            1.0122722344290394, 1.02469507659596, 1.05};

  /// After so many periods in a row, an upward step doubles; a downward step
  /// doubles after each.
  static constexpr int periods_to_double = 8;

  static constexpr int longest_run = 5 * periods_to_double;

  /// After this number of periods in which nobody waits, all shares are 1.
  static constexpr int to_recover = 120;

  static double step(const steps& from, int doublings) {
    auto last = static_cast<int>(from.size()) - 1;
    return from[static_cast<size_t>(std::min(doublings, last))];
  }

  // -- periods ----------------------------------------------------------------

  /// Ends the periods that are over.
  void advance(time_point now) {
    if (now >= period_end_)
      end_periods(now);
  }

  void end_periods(time_point now) {
    if (period_end_ == time_point{}) {
      period_end_ = now + period;
      return;
    }
    auto passed = (now - period_end_) / period + 1;
    period_end_ += passed * period;
    end_period();
    // Nobody waited in the others.
    if (passed > to_recover)
      states_.fill({});
    else
      for (; passed > 1; --passed)
        end_period();
  }

  void end_period() {
    auto slow = waits_.percentile_99();
    waits_.clear();
    for (size_t i = 0; i < states_.size(); ++i)
      if (slow && *slow > i)
        shrink(states_[i]);
      else
        grow(states_[i]);
  }

  static void shrink(state& x) {
    x.run = std::max(std::min(x.run, 0) - 1, -longest_run);
    x.share = std::max(x.share * step(down, -x.run - 1), least);
  }

  static void grow(state& x) {
    x.run = std::min(std::max(x.run, 0) + 1, longest_run);
    x.share
      = std::min(x.share * step(up, (x.run - 1) / periods_to_double), 1.0);
  }

  // -- member variables -------------------------------------------------------

  /// The waiting times in the present period.
  wait_window waits_;
  std::array<state, wait_window::buckets> states_{};
  time_point period_end_{};
};

} // namespace spindle
