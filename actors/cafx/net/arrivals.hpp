// The peers that have connected and not completed their handshake.
#pragma once

#include <chrono>
#include <cstddef>
#include <list>
#include <optional>
#include <unordered_map>
#include <vector>

namespace cafx::net {

/// Limits for peers that have not completed their handshake.
struct arrival_limits {
  size_t max_handshakes = 1024;
  std::chrono::milliseconds timeout{5000};
};

/// The peers that have not completed their handshake, in the order of arrival.
/// If there are too many, the oldest is evicted, since an honest peer needs
/// only moments. `Key` identifies a peer. Must be used by one thread.
template <class Key>
class arrivals {
public:
  using clock = std::chrono::steady_clock;

  explicit arrivals(arrival_limits limits) : limits_(limits) {}

  /// Adds a peer that has just connected.
  /// @returns the peer that is evicted for it, if any.
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

  /// Removes a peer that has completed its handshake or disconnected; it may be
  /// unknown.
  void remove(const Key& who) {
    auto i = places_.find(who);
    if (i == places_.end())
      return;
    order_.erase(i->second);
    places_.erase(i);
  }

  /// Removes and returns the peers whose deadline has passed.
  std::vector<Key> take_late(clock::time_point now) {
    std::vector<Key> res;
    while (!order_.empty() && order_.front().deadline <= now) {
      res.push_back(order_.front().who);
      remove(res.back());
    }
    return res;
  }

  /// Returns the earliest deadline.
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
