// Those who have connected and have not said yet who they are.
#pragma once

#include <chrono>
#include <cstddef>
#include <list>
#include <optional>
#include <unordered_map>
#include <vector>

namespace cafx::net {

/// How many peers may be about to introduce themselves, and how long that may
/// take.
struct arrival_limits {
  size_t max_handshakes = 1024;
  std::chrono::milliseconds timeout{5000};
};

/// Knows who has arrived and is not introduced yet, in the order of arrival. If
/// there are too many, whoever is longest at it has to leave: it needs only
/// moments if it is serious. `Key` names a peer. For one thread.
template <class Key>
class arrivals {
public:
  using clock = std::chrono::steady_clock;

  explicit arrivals(arrival_limits limits) : limits_(limits) {}

  /// Somebody has arrived.
  /// @returns who has to leave for that, if anybody.
  std::optional<Key> add(const Key& who, clock::time_point now) {
    std::optional<Key> res;
    if (order_.size() >= limits_.max_handshakes && !order_.empty()) {
      res = order_.front().who;
      remove(*res);
    }
    order_.push_back({who, now + limits_.timeout});
    places_[who] = std::prev(order_.end());
    return res;
  }

  /// Somebody is introduced, or has left; may be unknown.
  void remove(const Key& who) {
    auto i = places_.find(who);
    if (i == places_.end())
      return;
    order_.erase(i->second);
    places_.erase(i);
  }

  /// Returns those whose time is over, and forgets them.
  std::vector<Key> take_late(clock::time_point now) {
    std::vector<Key> res;
    while (!order_.empty() && order_.front().deadline <= now) {
      res.push_back(order_.front().who);
      remove(res.back());
    }
    return res;
  }

  /// Returns when the next one's time is over.
  std::optional<clock::time_point> next_deadline() const {
    if (order_.empty())
      return std::nullopt;
    return order_.front().deadline;
  }

  size_t size() const {
    return order_.size();
  }

private:
  struct arrival {
    Key who;
    clock::time_point deadline;
  };

  arrival_limits limits_;
  std::list<arrival> order_;
  std::unordered_map<Key, typename std::list<arrival>::iterator> places_;
};

} // namespace cafx::net
