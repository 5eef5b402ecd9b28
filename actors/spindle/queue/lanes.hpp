// What clients have asked for, in the order in which each of them asked.
#pragma once

#include "spindle/message/lane_id.hpp"
#include "spindle/queue/fair_order.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <unordered_map>
#include <utility>

namespace spindle {

/// Lanes of jobs, served fairly: clients share the time of the disk by their
/// weights, and the lanes of a client share its time. While a job of a lane is
/// at the disk, no other job of the lane may be. `Job` points to something with
/// a `number`; those of a lane are pushed in ascending order. Not thread-safe.
template <class Job>
class lanes {
public:
  struct client;

  /// The jobs of one lane. Its address stays the same while it has any.
  struct lane : fair_share {
    lane_id id;
    client* of = nullptr;
    std::deque<Job> waiting{};
    /// Whether a job is at the disk.
    bool busy = false;
  };

  /// The lanes of one client that have a job that may go to the disk.
  struct client : fair_share {
    fair_order<lane> ready{};
    size_t lane_count = 0;
  };

  /// Puts a job at the end of a lane.
  /// @param weight the share of the client from now on; at least 1.
  void push(const lane_id& id, unsigned weight, Job what) {
    auto& to = find(id);
    to.of->weight = weight;
    to.waiting.push_back(std::move(what));
    if (to.waiting.size() == 1 && !to.busy)
      join(to);
  }

  /// Returns whether a job may go to the disk.
  bool ready() const {
    return !order_.empty();
  }

  /// Returns the job that is next. Must be ready.
  const Job& front() const {
    return order_.first().ready.first().waiting.front();
  }

  /// Takes the job that is next; its lane is busy until the job is done or put
  /// back. Must be ready.
  std::pair<Job, lane*> take() {
    auto& from = order_.take();
    auto& lane = from.ready.take();
    auto what = std::move(lane.waiting.front());
    lane.waiting.pop_front();
    lane.busy = true;
    if (!from.ready.empty())
      order_.join(from);
    return {std::move(what), &lane};
  }

  /// Notes that the job of a busy lane took this time, and is done.
  void done(lane& from, std::chrono::nanoseconds time) {
    from.busy = false;
    auto& of = *from.of;
    if (!of.ready.empty())
      order_.leave(of);
    order_.charge(of, time);
    of.ready.charge(from, time);
    if (!of.ready.empty())
      order_.join(of);
    if (!from.waiting.empty())
      join(from);
    else
      forget();
  }

  /// Puts the job of a busy lane back at its head, after it took this time.
  void put_back(lane& to, Job what, std::chrono::nanoseconds time) {
    to.waiting.push_front(std::move(what));
    done(to, time);
  }

  /// Returns the job that waits under a number, if any.
  /// @param take_out returns whether it is to leave its lane.
  template <class Pred>
  Job find(uint64_t number, Pred take_out) {
    for (auto& [id, lane] : lanes_) {
      auto& jobs = lane.waiting;
      auto i = std::lower_bound(
        jobs.begin(), jobs.end(), number,
        [](const Job& x, uint64_t y) { return x->number < y; });
      if (i == jobs.end() || (*i)->number != number)
        continue;
      auto res = *i;
      if (take_out(*res)) {
        jobs.erase(i);
        if (jobs.empty() && !lane.busy)
          leave(lane);
      }
      return res;
    }
    return nullptr;
  }

  /// Calls `fun` with each job that waits, and takes out those for which it
  /// returns true.
  template <class Fun>
  void take_if(Fun fun) {
    for (auto& [id, lane] : lanes_) {
      auto was_ready = !lane.busy && !lane.waiting.empty();
      std::erase_if(lane.waiting, fun);
      if (was_ready && lane.waiting.empty())
        leave(lane);
    }
    forget();
  }

  /// Calls `fun` with each job that waits.
  template <class Fun>
  void for_each(Fun fun) const {
    for (const auto& [id, lane] : lanes_)
      for (const auto& what : lane.waiting)
        fun(what);
  }

  /// Returns the number of lanes that have a job, at the disk or not.
  size_t size() const {
    size_t res = 0;
    for (const auto& [id, lane] : lanes_)
      res += lane.busy || !lane.waiting.empty() ? 1 : 0;
    return res;
  }

  /// Returns the number of lanes that are remembered.
  size_t known() const {
    return lanes_.size();
  }

private:
  /// Lanes without a job are kept up to this number, because most of them get
  /// another job soon.
  static constexpr size_t kept = 64;

  lane& find(const lane_id& id) {
    auto [i, is_new] = lanes_.try_emplace(id);
    auto& res = i->second;
    if (is_new) {
      res.id = id;
      res.of = &clients_[id.client];
      ++res.of->lane_count;
    }
    return res;
  }

  void join(lane& x) {
    auto was_waiting = !x.of->ready.empty();
    x.of->ready.join(x);
    if (!was_waiting)
      order_.join(*x.of);
  }

  void leave(lane& x) {
    x.of->ready.leave(x);
    if (x.of->ready.empty())
      order_.leave(*x.of);
  }

  /// Forgets lanes without a job when there are many. A client that comes back
  /// owes nothing then; it did not owe more than its last job took.
  void forget() {
    if (lanes_.size() < 2 * lanes_at_last_look_ + kept)
      return;
    std::erase_if(lanes_, [this](const auto& entry) {
      const auto& [id, lane] = entry;
      if (lane.busy || !lane.waiting.empty())
        return false;
      if (--lane.of->lane_count == 0)
        clients_.erase(id.client);
      return true;
    });
    lanes_at_last_look_ = lanes_.size();
  }

  std::unordered_map<uint64_t, client> clients_;
  std::unordered_map<lane_id, lane> lanes_;
  /// Clients with a lane that is ready.
  fair_order<client> order_;
  size_t lanes_at_last_look_ = 0;
};

} // namespace spindle
