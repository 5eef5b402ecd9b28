// Delays refusals, so that a client that repeats them cannot keep a node from
// others.
#pragma once

#include "cafx/cafx.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <deque>
#include <optional>
#include <utility>

namespace spindle {

/// Refusals that are sent after a pause, one after the other. Not thread-safe.
template <class Requester>
class late_refusals {
public:
  using time_point = std::chrono::steady_clock::time_point;
  using duration = std::chrono::steady_clock::duration;

  /// How long a refusal waits at least.
  static constexpr auto pause = std::chrono::milliseconds{100};
  /// The time between one refusal and the next, because many clients may ask
  /// again at the same time.
  static constexpr auto spacing = std::chrono::milliseconds{1};
  /// How many refusals may wait. More are sent at once, which takes no memory.
  static constexpr size_t max_waiting = 1'000;

  struct refusal {
    time_point when;
    Requester who;
    caf::error why;
  };

  bool is_full() const {
    return waiting_.size() >= max_waiting;
  }

  /// Adds a refusal. There must be room.
  void add(Requester who, caf::error why, time_point now) {
    auto when = now + pause;
    if (!waiting_.empty())
      when = std::max<time_point>(when, waiting_.back().when + spacing);
    waiting_.push_back({when, std::move(who), std::move(why)});
  }

  /// Removes the next refusal if it is due.
  /// @param all whether those are due that are not.
  std::optional<refusal> take(time_point now, bool all) {
    if (waiting_.empty() || (!all && waiting_.front().when > now))
      return std::nullopt;
    // At once as an optional: of a variant that is moved into one, g++ 12 warns
    // that it may be uninitialized.
    std::optional<refusal> res{std::move(waiting_.front())};
    waiting_.pop_front();
    return res;
  }

  /// Returns how long until the next refusal is due, if there is one.
  std::optional<duration> until_next(time_point now) const {
    if (waiting_.empty())
      return std::nullopt;
    return waiting_.front().when - now;
  }

  bool empty() const {
    return waiting_.empty();
  }

private:
  std::deque<refusal> waiting_;
};

} // namespace spindle
