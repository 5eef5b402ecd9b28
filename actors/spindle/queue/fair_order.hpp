// Start-time fair queueing: who is served next, by time served so far.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <set>
#include <utility>
#include <vector>

namespace spindle {

/// What `fair_order` knows of somebody who is served; to be derived from.
struct fair_share {
  /// Shares are proportional to weights; at least 1.
  unsigned weight = 1;
  /// Virtual time: time served, divided by the weight.
  uint64_t served = 0;
  /// Orders those who were served alike: who came first is first.
  uint64_t arrival = 0;
};

/// Orders those who want to be served by their virtual time. The one that is
/// furthest behind is first. Whoever comes after a pause starts at the present,
/// so that nobody saves up time by sleeping. Nobody is ever ahead of the
/// present by more than it was served at once. Each step takes O(log n). Not
/// thread-safe.
///
/// Source: Goyal, Vin, Cheng: Start-time Fair Queueing (SIGCOMM 1996).
template <class Share>
class fair_order {
public:
  /// Virtual time is counted in sixteenths of a nanosecond, so that weights
  /// divide short times well. It lasts for 36 years of service.
  static constexpr uint64_t scale = 16;

  /// Whatever is served takes at least this time, lest somebody who is served
  /// in no time, by a coarse clock, stays first for ever.
  static constexpr std::chrono::nanoseconds least{100};

  /// Lets somebody wait to be served. Must not be waiting already.
  void join(Share& x) {
    x.served = std::max(x.served, now_);
    x.arrival = ++arrivals_;
    if (spare_.empty()) {
      waiting_.insert(&x);
      return;
    }
    auto node = std::move(spare_.back());
    spare_.pop_back();
    node.value() = &x;
    waiting_.insert(std::move(node));
  }

  /// Lets somebody wait no more. Must be waiting.
  void leave(Share& x) {
    spare_.push_back(waiting_.extract(&x));
  }

  bool empty() const {
    return waiting_.empty();
  }

  /// Returns who is to be served next. Must not be empty.
  Share& first() const {
    return **waiting_.begin();
  }

  /// Takes the first out, and moves the present on to it.
  Share& take() {
    auto& res = first();
    leave(res);
    now_ = std::max(now_, res.served);
    return res;
  }

  /// Accounts for time during which somebody was served. Must not be waiting.
  void charge(Share& x, std::chrono::nanoseconds time) {
    x.served += static_cast<uint64_t>(std::max(time, least).count()) * scale
              / x.weight;
  }

private:
  struct behind {
    bool operator()(const Share* x, const Share* y) const {
      return x->served != y->served ? x->served < y->served
                                    : x->arrival < y->arrival;
    }
  };

  using set = std::set<Share*, behind>;

  set waiting_;
  /// Nodes to use again: somebody joins and leaves for each operation.
  std::vector<typename set::node_type> spare_;
  uint64_t now_ = 0;
  uint64_t arrivals_ = 0;
};

} // namespace spindle
