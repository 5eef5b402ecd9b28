// Lanes: the requests of each client, in the order of its requests.
#pragma once

#include "spindle/message/lane_id.hpp"
#include "spindle/queue/fair_order.hpp"
#include "spindle/queue/schedulable.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <unordered_map>
#include <utility>
#include <vector>

namespace spindle {

/// Lanes of jobs with fair shares: clients share the time at the disk by their
/// weights, and the lanes of a client share its time. `Job` is a pointer to a
/// `schedulable`; the numbers in a lane ascend. Not thread-safe.
///
/// A job that was taken is executed by its lane alone until it is done, rests,
/// or awaits the device. While it awaits the device, the next job of the lane
/// may be taken if both only read, if both only prepare, or if nothing is left
/// of the first one but to become durable.
template <class Job>
class lanes {
public:
  using time_point = std::chrono::steady_clock::time_point;

  struct client;

  /// The jobs of one lane. Its address does not change while it has any.
  struct lane : fair_share {
    lane_id id;
    client* of = nullptr;
    /// Jobs that have not begun or rest.
    std::deque<Job> waiting{};
    /// Whether one of its jobs is executed.
    bool busy = false;
    /// Jobs that await the device before they can go on, in their order.
    std::vector<Job> awaiting{};
    /// Number of jobs that have taken effect and await that it is durable.
    size_t settled = 0;
    /// Whether it is among those that are ready.
    bool listed = false;
    /// The last known time before its first job could be executed.
    time_point ready_since{};

    /// Returns whether its first job may be taken.
    bool can_start() const {
      if (busy || waiting.empty())
        return false;
      return awaiting.empty()
          || may_overlap(*awaiting.front(), *waiting.front());
    }

    bool has_jobs() const {
      return busy || settled > 0 || !waiting.empty() || !awaiting.empty();
    }
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
    if (!to.listed && to.can_start())
      change(to, [] {});
  }

  /// Returns whether there is a job to execute.
  bool ready() const {
    return !order_.empty();
  }

  /// Returns the next job. Only if `ready()`.
  const Job& front() const {
    return order_.first().ready.first().waiting.front();
  }

  /// Takes the next job. Its lane is busy until the job is done, put back, or
  /// awaits the device. Only if `ready()`.
  std::pair<Job, lane*> take() {
    auto& from = order_.take();
    auto& lane = from.ready.take();
    auto what = std::move(lane.waiting.front());
    lane.waiting.pop_front();
    lane.busy = true;
    lane.listed = false;
    if (!from.ready.empty())
      order_.join(from);
    return {std::move(what), &lane};
  }

  /// Notes that the job of a busy lane is done, and how long it was executed.
  void done(lane& from, std::chrono::nanoseconds time) {
    now_ += time;
    serve(from, time, [&] { from.busy = false; });
    forget();
  }

  /// Returns the job of a busy lane to its place in the lane; it was executed
  /// for `time`.
  void put_back(lane& to, Job what, std::chrono::nanoseconds time) {
    now_ += time;
    serve(to, time, [&] {
      to.busy = false;
      insert(to.waiting, std::move(what));
    });
  }

  // -- jobs that await the device ---------------------------------------------

  /// Notes that the job of a busy lane awaits the device, after it was executed
  /// for `time`.
  void await_device(lane& of, const Job& what, std::chrono::nanoseconds time) {
    now_ += time;
    serve(of, time, [&] {
      of.busy = false;
      insert(of.awaiting, what);
    });
  }

  /// Notes that the job of a busy lane has taken effect after `time`, and
  /// awaits that it is durable.
  void settle(lane& of, std::chrono::nanoseconds time) {
    now_ += time;
    serve(of, time, [&] {
      of.busy = false;
      ++of.settled;
    });
  }

  /// Returns whether a job that has awaited the device may continue: jobs that
  /// do not only read take effect in their order.
  bool may_resume(const lane& of, const Job& what) const {
    if (of.busy)
      return false;
    if (what->kind == job_kind::reads)
      return true;
    return of.awaiting.front() == what
        && (of.waiting.empty() || of.waiting.front()->number > what->number);
  }

  /// Continues a job that has awaited the device for `time`. The lane is busy
  /// then. Only if `may_resume`.
  void resume(lane& of, const Job& what, std::chrono::nanoseconds time) {
    serve(of, time, [&] {
      std::erase(of.awaiting, what);
      of.busy = true;
    });
  }

  /// Removes a job that awaits the device from its lane.
  void abandon(lane& of, const Job& what) {
    change(of, [&] { std::erase(of.awaiting, what); });
    forget();
  }

  /// Notes that a settled job is done; it has awaited the device for `time`.
  void settled_done(lane& of, std::chrono::nanoseconds time) {
    serve(of, time, [&] { --of.settled; });
    forget();
  }

  // -- jobs in lanes ----------------------------------------------------------

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
      if (take_out(*res))
        change(lane, [&] { jobs.erase(i); });
      return res;
    }
    return nullptr;
  }

  /// Calls `fun` for each job in a lane, and removes those for which it returns
  /// true.
  template <class Fun>
  void take_if(Fun fun) {
    for (auto& entry : lanes_) {
      auto& lane = entry.second;
      change(lane, [&] { std::erase_if(lane.waiting, fun); });
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

  /// Returns the number of lanes that have a job, including those that are
  /// executed.
  size_t size() const {
    size_t res = 0;
    for (const auto& [id, lane] : lanes_)
      res += lane.has_jobs() ? 1 : 0;
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

  /// Inserts a job into jobs that are in their order.
  template <class Jobs>
  static void insert(Jobs& to, Job what) {
    auto behind = std::find_if(to.begin(), to.end(), [&](const Job& x) {
      return x->number > what->number;
    });
    to.insert(behind, std::move(what));
  }

  /// Charges a time to a lane, and changes it by `fun`.
  template <class Fun>
  void serve(lane& x, std::chrono::nanoseconds time, Fun fun) {
    change(x, [&] {
      order_.charge(*x.of, time);
      x.of->ready.charge(x, time);
      fun();
    });
  }

  /// Changes a lane by `fun`.
  template <class Fun>
  void change(lane& x, Fun fun) {
    auto& of = *x.of;
    if (!of.ready.empty())
      order_.leave(of);
    auto was_listed = x.listed;
    if (was_listed)
      of.ready.leave(x);
    fun();
    x.listed = x.can_start();
    if (x.listed)
      of.ready.join(x);
    if (x.listed && !was_listed)
      x.ready_since = now_;
    if (!of.ready.empty())
      order_.join(of);
  }

  /// Removes empty lanes if there are many. The virtual time of such a client
  /// is lost; it was ahead of the present by the time of one job at most.
  void forget() {
    if (lanes_.size() < 2 * lanes_at_last_look_ + kept)
      return;
    std::erase_if(lanes_, [this](const auto& entry) {
      const auto& [id, lane] = entry;
      if (lane.has_jobs())
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
