// Start-time fair queueing: who is served next, by time served so far.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <set>
#include <utility>
#include <vector>

namespace spindle {

/// Base of those who share; the state that `fair_order` needs.
struct fair_share {
  /// Shares are proportional to weights; at least 1.
  unsigned weight = 1;
  /// Virtual time: time of service divided by the weight, see `scale`.
  uint64_t served = 0;
  /// Orders those with the same virtual time by arrival.
  uint64_t arrival = 0;
};

/// Orders those who wait by their virtual time; the smallest is first. Whoever
/// joins after a pause starts at the present, the virtual time of the current
/// service, so nobody saves up time by being idle. Each step takes O(log n).
/// Not thread-safe.
///
/// Source: Goyal, Vin, Cheng: Start-time Fair Queueing (SIGCOMM 1996).
template <class Share>
class fair_order {
public:
  /// Units of virtual time per nanosecond: enough to divide short times by
  /// weights. 64 bits last for 36 years of service.
  static constexpr uint64_t scale = 16;

  /// Least time that is charged. With a coarse clock, a service may seem to
  /// take no time, and whoever gets it would stay first for ever.
  static constexpr std::chrono::nanoseconds least{100};

  /// Adds `x`, which must not be waiting.
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

  /// Removes `x`, which must be waiting.
  void leave(Share& x) {
    spare_.push_back(waiting_.extract(&x));
  }

  bool empty() const {
    return waiting_.empty();
  }

  /// Returns who is next. Must not be empty.
  Share& first() const {
    return **waiting_.begin();
  }

  /// Removes the first, and advances the present to its virtual time.
  Share& take() {
    auto& res = first();
    leave(res);
    now_ = std::max(now_, res.served);
    return res;
  }

  /// Adds a time of service to `x`, which must not be waiting.
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
  /// Nodes to reuse, because each operation joins and leaves.
  std::vector<typename set::node_type> spare_;
  uint64_t now_ = 0;
  uint64_t arrivals_ = 0;
};

} // namespace spindle
