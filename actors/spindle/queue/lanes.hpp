// Lanes: the requests of each client, in the order of its requests.
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

/// Lanes of jobs with fair shares: clients share the time at the disk by their
/// weights, and the lanes of a client share its time. At most one job of a lane
/// is executed at a time. `Job` is a pointer to something with a `number`; the
/// numbers in a lane ascend. Not thread-safe.
template <class Job>
class lanes {
public:
  using time_point = std::chrono::steady_clock::time_point;

  struct client;

  /// The jobs of one lane. Its address does not change while it has any.
  struct lane : fair_share {
    lane_id id;
    client* of = nullptr;
    std::deque<Job> waiting{};
    /// Whether one of its jobs is executed.
    bool busy = false;
    /// The last known time before its first job could be executed.
    time_point ready_since{};
  };

  /// A client, with those of its lanes that have a job to execute.
  struct client : fair_share {
    fair_order<lane> ready{};
    size_t lane_count = 0;
  };

  /// Notes the time; `done` adds to it.
  void set_time(time_point now) {
    now_ = now;
  }

  /// Returns the time as far as it is known: when the last job was done, if a
  /// job is executed.
  time_point now() const {
    return now_;
  }

  /// Appends a job to a lane.
  /// @param weight of the client from now on; at least 1.
  void push(const lane_id& id, unsigned weight, Job what) {
    auto& to = find(id);
    to.of->weight = weight;
    to.waiting.push_back(std::move(what));
    if (to.waiting.size() == 1 && !to.busy)
      join(to);
  }

  /// Returns whether there is a job to execute.
  bool ready() const {
    return !order_.empty();
  }

  /// Returns the next job. Only if `ready()`.
  const Job& front() const {
    return order_.first().ready.first().waiting.front();
  }

  /// Takes the next job. Its lane is busy until the job is done or put back.
  /// Only if `ready()`.
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

  /// Notes that the job of a busy lane is done, and how long it was executed.
  void done(lane& from, std::chrono::nanoseconds time) {
    now_ += time;
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

  /// Returns the job of a busy lane to its head; it was executed for `time`.
  void put_back(lane& to, Job what, std::chrono::nanoseconds time) {
    to.waiting.push_front(std::move(what));
    done(to, time);
  }

  /// Returns the job with a number, if it is in its lane.
  /// @param take_out returns whether to remove it.
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

  /// Calls `fun` for each job in a lane, and removes those for which it returns
  /// true.
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

  /// Calls `fun` for each job in a lane.
  template <class Fun>
  void for_each(Fun fun) const {
    for (const auto& [id, lane] : lanes_)
      for (const auto& what : lane.waiting)
        fun(what);
  }

  /// Returns the number of lanes that have a job, including one that is
  /// executed.
  size_t size() const {
    size_t res = 0;
    for (const auto& [id, lane] : lanes_)
      res += lane.busy || !lane.waiting.empty() ? 1 : 0;
    return res;
  }

  /// Returns the number of lanes in memory.
  size_t known() const {
    return lanes_.size();
  }

private:
  /// Up to this number, empty lanes are kept, because most of them soon get
  /// another job.
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
    x.ready_since = now_;
    x.of->ready.join(x);
    if (!was_waiting)
      order_.join(*x.of);
  }

  void leave(lane& x) {
    x.of->ready.leave(x);
    if (x.of->ready.empty())
      order_.leave(*x.of);
  }

  /// Removes empty lanes if there are many. The virtual time of such a client
  /// is lost; it was ahead of the present by the time of one job at most.
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
  /// Clients with a job to execute.
  fair_order<client> order_;
  size_t lanes_at_last_look_ = 0;
  time_point now_{};
};

} // namespace spindle
