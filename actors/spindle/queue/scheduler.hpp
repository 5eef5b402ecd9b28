// Decides which job is executed next, and which disk actor has the turn.
#pragma once

#include "spindle/queue/invariant.hpp"
#include "spindle/queue/lanes.hpp"
#include "spindle/queue/schedulable.hpp"
#include "spindle/queue/share_controller.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace spindle {

/// Counts of the operations of a queue by state, and statistics of its turns.
template <class Totals>
struct load {
  /// Operations that have not begun.
  uint64_t waiting = 0;
  /// Operations that a disk actor executes.
  uint64_t running = 0;
  /// Operations that rest between two slices.
  uint64_t resting = 0;
  /// Jobs that were admitted and not delivered, their operations and bytes.
  uint64_t held_jobs = 0;
  uint64_t held_ops = 0;
  uint64_t held_bytes = 0;
  /// Counts of delivered results.
  Totals delivered{};
  /// Greatest value of `held_ops` so far.
  uint64_t high_water = 0;
  /// Lanes with at least one job.
  uint64_t lanes = 0;
  /// Turns in which each of the two disk actors executed something.
  std::array<uint64_t, 2> turns{};
  /// Operations executed in these turns.
  uint64_t executed = 0;
};

/// Owns the jobs of a queue until they are done, and decides which of the two
/// disk actors has the turn. The supervisor pushes jobs into lanes. The disk
/// actor with the turn, the holder, takes one job after the other, executes it,
/// and notes that it is done, has to rest, or awaits the device. Thread-safe:
/// each member locks one mutex for a short time.
///
/// `Job` derives from `schedulable`. `Job::totals` counts delivered results and
/// has at least the members `jobs`, `ops` and `bytes`.
template <class Job>
class scheduler {
public:
  using totals = typename Job::totals;
  using job_ptr = std::shared_ptr<Job>;
  using job_list = std::vector<job_ptr>;
  using duration = std::chrono::nanoseconds;
  using time_point = share_controller::time_point;

  /// Identifies a disk actor; 0 for none.
  using disk_id = uint64_t;

  /// Who has the turn after it has ended.
  enum class fate : uint8_t {
    /// The peer.
    passed,
    /// The same disk actor, because there is no work.
    parked,
    /// The same disk actor, because its peer has died, or because some of its
    /// jobs await the device.
    kept,
  };

  struct ended_turn {
    fate then = fate::parked;
    /// Jobs whose results must be delivered.
    job_list results;
  };

  /// Operations, and bytes that they carry.
  struct amount {
    uint64_t ops = 0;
    uint64_t bytes = 0;
  };

  /// A job and its state when it was found.
  struct found {
    job_ptr what;
    job_state where = job_state::done;
  };

  /// What a disk actor had when it died.
  struct loss {
    /// The jobs that it executed, and those whose results it had not delivered.
    job_list lost;
    /// Whether it had the turn, which its successor has now.
    bool had_turn = false;
  };

  /// @param first has the turn.
  scheduler(disk_id first, disk_id second)
      : disks_{place{first}, place{second}} {}

  // -- admission --------------------------------------------------------------

  /// Returns how much is held.
  amount held() const {
    std::lock_guard guard{mutex_};
    return {load_.held_ops, load_.held_bytes};
  }

  /// Appends a job to a lane. If the holder waits for the device, and can
  /// execute the job meanwhile, its wait is interrupted.
  /// @param weight of the lane's client from now on.
  /// @returns the holder if it has no work, and must be notified; else 0.
  [[nodiscard]] disk_id push(const lane_id& where, unsigned weight,
                             job_ptr what) {
    std::lock_guard guard{mutex_};
    what->lane = where;
    load_.waiting += what->ops;
    ++load_.held_jobs;
    load_.held_ops += what->ops;
    load_.held_bytes += what->bytes;
    load_.high_water = std::max(load_.high_water, load_.held_ops);
    lanes_.push(where, weight, std::move(what));
    if (interrupt_ && can_take())
      std::exchange(interrupt_, nullptr)();
    return std::exchange(parked_, false) ? disks_[holder_].id : 0;
  }

  // -- turns ------------------------------------------------------------------

  /// Begins a turn. Only for the holder.
  /// @param max_ops limit of the operations in the turn. It has at most half of
  ///        the held ones, unless they are few: clients receive the results of
  ///        one half, and send more, while the other half is executed.
  /// @param now the present, for the waiting times of operations.
  void begin(disk_id id, size_t max_ops, time_point now = {}) {
    std::lock_guard guard{mutex_};
    own(id);
    parked_ = false;
    interrupt_ = nullptr;
    advance_device(now - lanes_.now());
    lanes_.set_time(now);
    if (std::exchange(asleep_, false))
      awake_since_ = now;
    room_ = std::min<size_t>(max_ops,
                             std::max<size_t>(load_.held_ops / 2, undivided));
    taken_ = 0;
  }

  /// Returns the next job, which the caller executes. Only for the holder,
  /// after it is done with the job before.
  /// @returns null if the turn must end.
  job_ptr take(disk_id id) {
    std::lock_guard guard{mutex_};
    return take_for(own(id));
  }

  /// Like `done`, followed by `take`, with one lock.
  job_ptr done_then_take(disk_id id, duration time) {
    std::lock_guard guard{mutex_};
    auto& place = own(id);
    finish_for(place, time);
    return take_for(place);
  }

  /// Returns whether anybody waits for the job that is executed: another lane
  /// has a job, or `owes_results`. Only for the holder.
  bool contended(disk_id id) {
    std::lock_guard guard{mutex_};
    return owes_results(own(id)) || lanes_.ready();
  }

  /// Returns whether this turn has results that must be delivered, or soon will
  /// have some because other jobs await the device. Only for the holder.
  bool owes_results(disk_id id) {
    std::lock_guard guard{mutex_};
    return owes_results(own(id));
  }

  /// Notes that the job which was taken last is done. Only for the holder.
  /// @param time how long it was executed since it was taken.
  void done(disk_id id, duration time) {
    std::lock_guard guard{mutex_};
    finish_for(own(id), time);
  }

  /// Returns the job which was taken last to the head of its lane. The turn
  /// must end then. Only for the holder.
  void rest(disk_id id, duration time) {
    std::lock_guard guard{mutex_};
    own(id).rested = true;
    auto job = std::exchange(current_, {});
    account(*job.what, job_state::resting);
    taken_ = room_;
    advance_device(time);
    lanes_.put_back(*job.lane, std::move(job.what), time);
  }

  // -- jobs that await the device ---------------------------------------------

  /// Limits the number of jobs that await the device.
  void set_depth(size_t depth) {
    std::lock_guard guard{mutex_};
    depth_ = depth;
  }

  /// Notes that the job which was taken last awaits the device. It does not
  /// count towards the limit of the turn any more. Only for the holder.
  /// @param time how long it was executed since it was taken or resumed.
  /// @param settled whether it has taken effect, and awaits that this is
  ///        durable.
  void await_device(disk_id id, duration time, bool settled) {
    std::lock_guard guard{mutex_};
    own(id);
    advance_device(time);
    taken_ -= taken_ > 0 ? 1 : 0;
    auto job = std::exchange(current_, {});
    if (job.settled) {
      // Another round of its syncs.
      lanes_.set_time(lanes_.now() + time);
    } else {
      if (settled)
        lanes_.settle(*job.lane, time);
      else
        lanes_.await_device(*job.lane, job.what, time);
      unsettled_ += settled ? 0 : 1;
      job.settled = settled;
      job.since = device_time_;
    }
    auto number = job.what->number;
    awaiting_.emplace(number, std::move(job));
  }

  /// Notes that the device has done what a job awaits. Only for the holder.
  void returned(disk_id id, uint64_t number) {
    std::lock_guard guard{mutex_};
    own(id);
    returned_.push_back(number);
    unsettled_ -= awaiting_.at(number).settled ? 0 : 1;
  }

  /// Returns a job that has awaited the device, which the caller continues to
  /// execute. Only for the holder.
  /// @returns null if no such job may continue.
  job_ptr resume(disk_id id) {
    std::lock_guard guard{mutex_};
    own(id);
    invariant(!current_.what, "a disk actor executes two jobs at once");
    auto next = std::find_if(
      returned_.begin(), returned_.end(),
      [this](uint64_t number) { return may_resume(awaiting_.at(number)); });
    if (next == returned_.end())
      return nullptr;
    auto found = awaiting_.extract(*next);
    returned_.erase(next);
    current_ = std::move(found.mapped());
    if (!current_.settled)
      lanes_.resume(*current_.lane, current_.what,
                    device_time_ - current_.since);
    return current_.what;
  }

  /// Must be called before the holder waits for the device, after its turn.
  /// @param interrupt ends the wait; called at most once, before `begin`, with
  ///        the mutex locked.
  /// @returns whether it may wait: it has no other job to execute.
  bool begin_wait(disk_id id, std::function<void()> interrupt) {
    std::lock_guard guard{mutex_};
    own(id);
    if (can_take())
      return false;
    interrupt_ = std::move(interrupt);
    return true;
  }

  // -- the end of a turn ------------------------------------------------------

  /// Ends a turn. Only for the holder.
  /// @param peer the disk actor that gets the turn if there is work.
  ended_turn end(disk_id id, disk_id peer) {
    std::lock_guard guard{mutex_};
    auto& place = own(id);
    load_.executed += std::exchange(place.executed, 0);
    auto has_rested = std::exchange(place.rested, false);
    place.is_awaited = false;
    if (has_rested || !place.results.empty())
      ++load_.turns[holder_];
    ended_turn res{fate::parked, std::exchange(place.results, {})};
    if (!awaiting_.empty()) {
      res.then = fate::kept;
    } else if (!lanes_.ready()) {
      parked_ = true;
      asleep_ = true;
    } else if (disks_[1 - holder_].id != peer) {
      res.then = fate::kept;
    } else {
      holder_ = 1 - holder_;
      res.then = fate::passed;
    }
    return res;
  }

  /// Replaces a dead disk actor by its successor.
  loss replace(disk_id dead, disk_id successor) {
    std::lock_guard guard{mutex_};
    auto index = disks_[0].id == dead ? size_t{0} : size_t{1};
    invariant(disks_[index].id == dead, "an unknown disk actor died");
    loss res{std::exchange(disks_[index], place{successor}).results,
             index == holder_};
    if (res.had_turn) {
      parked_ = false;
      interrupt_ = nullptr;
      lose_begun(res.lost);
    }
    return res;
  }

  // -- control ----------------------------------------------------------------

  /// Finds a job that is not finished.
  found find(uint64_t number) {
    return find_if(number, [](const Job&) { return false; });
  }

  /// Finds a job that is not finished, and finishes it if it has not begun.
  found cancel(uint64_t number) {
    return find_if(
      number, [](const Job& what) { return what.state == job_state::waiting; });
  }

  /// Finishes all jobs that have not begun, and returns them in the order of
  /// admission.
  job_list give_up() {
    std::lock_guard guard{mutex_};
    job_list res;
    lanes_.take_if([&](const job_ptr& what) {
      if (what->state != job_state::waiting)
        return false;
      account(*what, job_state::done);
      res.push_back(what);
      return true;
    });
    sort(res);
    return res;
  }

  /// Returns the jobs that are executed, await the device, or rest, in the
  /// order of admission.
  job_list begun() const {
    std::lock_guard guard{mutex_};
    job_list res;
    if (current_.what)
      res.push_back(current_.what);
    for (const auto& [number, job] : awaiting_)
      res.push_back(job.what);
    lanes_.for_each([&](const job_ptr& what) {
      if (what->state == job_state::resting)
        res.push_back(what);
    });
    sort(res);
    return res;
  }

  // -- delivery ---------------------------------------------------------------

  /// Notes that results were delivered, or will be at once.
  /// @returns whether nothing is held now and `await_idle` was called.
  [[nodiscard]] bool delivered(const totals& x) {
    std::lock_guard guard{mutex_};
    load_.held_jobs -= x.jobs;
    load_.held_ops -= x.ops;
    load_.held_bytes -= x.bytes;
    load_.delivered += x;
    return load_.held_jobs == 0 && std::exchange(awaited_, false);
  }

  /// Returns whether nothing is held. If not, `delivered` will return true as
  /// soon as nothing is.
  bool await_idle() {
    std::lock_guard guard{mutex_};
    awaited_ = load_.held_jobs > 0;
    return !awaited_;
  }

  // -- properties -------------------------------------------------------------

  /// Returns which share of its duty a writer with a latency goal may use.
  double share(duration latency_goal) {
    std::lock_guard guard{mutex_};
    return shares_.share(latency_goal, lanes_.now());
  }

  spindle::load<totals> load() const {
    std::lock_guard guard{mutex_};
    auto res = load_;
    res.lanes = lanes_.size();
    return res;
  }

private:
  /// A turn may have this number of operations, however few are held.
  static constexpr size_t undivided = 8;

  /// The state of a disk actor.
  struct place {
    disk_id id = 0;
    /// Jobs whose results it must deliver.
    job_list results{};
    // Operations executed in this turn, whether a job had to rest, and whether
    // somebody waits for a result.
    uint64_t executed = 0;
    bool rested = false;
    bool is_awaited = false;
  };

  /// A job that is executed or awaits the device.
  struct begun_job {
    job_ptr what{};
    typename lanes<job_ptr>::lane* lane = nullptr;
    /// Whether it awaits only that its effect is durable.
    bool settled = false;
    /// Device time when it began to wait.
    duration since{};
  };

  bool owes_results(const place& holder) const {
    return !holder.results.empty() || !awaiting_.empty();
  }

  /// Returns whether the holder could take a job in a new turn. While the
  /// device is busy for a job that has not taken effect, no list begins: others
  /// must not notice a list that is done in part.
  bool can_take() const {
    return lanes_.ready() && awaiting_.size() < depth_
        && (unsettled_ == 0 || !lanes_.front()->exclusive);
  }

  /// Returns whether a list is next, and waits for the device.
  bool list_waits() const {
    return list_waits_ && lanes_.ready() && lanes_.front()->exclusive;
  }

  /// Returns whether a job that the device has served may continue. If a list
  /// waits for the device, it comes first: the job is where it could rest.
  bool may_resume(const begun_job& job) const {
    return job.settled
        || (!list_waits() && lanes_.may_resume(*job.lane, job.what));
  }

  /// Implements `take` for the holder.
  job_ptr take_for(place& holder) {
    invariant(!current_.what, "a disk actor executes two jobs at once");
    if (taken_ >= room_)
      return nullptr;
    if (!can_take()) {
      list_waits_ = lanes_.ready() && lanes_.front()->exclusive;
      return nullptr;
    }
    const auto& next = *lanes_.front();
    auto alone = next.exclusive;
    // Results must not wait for a long operation, nor for what has time.
    if ((alone && taken_ > 0)
        || (next.state == job_state::resting && !holder.results.empty())
        || (next.in_background && holder.is_awaited))
      return nullptr;
    auto [what, lane] = lanes_.take();
    if (!what->in_background && what->state == job_state::waiting)
      shares_.on_start(lanes_.now(), waited_in(*lane));
    account(*what, job_state::running);
    list_waits_ = false;
    taken_ = alone ? room_ : taken_ + 1;
    current_ = {what, lane};
    return what;
  }

  /// Implements `done` for the holder.
  void finish_for(place& holder, duration time) {
    auto job = std::exchange(current_, {});
    account(*job.what, job_state::done);
    holder.executed += job.what->ops;
    holder.is_awaited |= !job.what->in_background;
    holder.results.push_back(std::move(job.what));
    if (job.settled)
      lanes_.settled_done(*job.lane, time + (device_time_ - job.since));
    else
      lanes_.done(*job.lane, time);
    advance_device(time);
  }

  /// Takes out the jobs that a dead disk actor executed or that awaited the
  /// device.
  void lose_begun(job_list& into) {
    for (auto& [number, job] : awaiting_) {
      account(*job.what, job_state::done);
      if (job.settled)
        lanes_.settled_done(*job.lane, duration{0});
      else
        lanes_.abandon(*job.lane, job.what);
      into.push_back(std::move(job.what));
    }
    if (auto job = std::exchange(current_, {}); job.what) {
      account(*job.what, job_state::done);
      if (job.settled)
        lanes_.settled_done(*job.lane, duration{0});
      else
        lanes_.done(*job.lane, duration{0});
      into.push_back(std::move(job.what));
    }
    awaiting_.clear();
    returned_.clear();
    unsettled_ = 0;
  }

  /// Advances the time that the jobs which await the device have used it. They
  /// share it equally.
  void advance_device(duration time) {
    if (!awaiting_.empty())
      device_time_ += time / static_cast<int64_t>(awaiting_.size());
  }

  /// Returns how long the first job of a lane has waited for the disk. The time
  /// to wake up the holder does not count.
  duration waited_in(const typename lanes<job_ptr>::lane& lane) const {
    return lanes_.now() - std::max(lane.ready_since, awake_since_);
  }

  /// Finds a job that is not finished.
  /// @param take_out returns whether to finish a job that waits in its lane.
  template <class Pred>
  found find_if(uint64_t number, Pred take_out) {
    std::lock_guard guard{mutex_};
    if (current_.what && current_.what->number == number)
      return {current_.what, job_state::running};
    if (auto job = awaiting_.find(number); job != awaiting_.end())
      return {job->second.what, job_state::running};
    found res;
    auto is_taken = false;
    res.what = lanes_.find(number, [&](const Job& what) {
      res.where = what.state;
      is_taken = take_out(what);
      return is_taken;
    });
    if (is_taken)
      account(*res.what, job_state::done);
    return res;
  }

  /// Returns the state of the holder, which must be the caller.
  place& own(disk_id id) {
    auto& res = disks_[holder_];
    invariant(res.id == id, "a disk actor acts without the turn");
    return res;
  }

  /// Moves a job to another state, and counts it there.
  void account(Job& what, job_state to) {
    if (auto* from = count_of(what.state))
      *from -= what.ops;
    what.state = to;
    if (auto* count = count_of(to))
      *count += what.ops;
  }

  uint64_t* count_of(job_state where) {
    switch (where) {
      case job_state::waiting:
        return &load_.waiting;
      case job_state::resting:
        return &load_.resting;
      case job_state::running:
        return &load_.running;
      default:
        return nullptr;
    }
  }

  static void sort(job_list& jobs) {
    std::sort(jobs.begin(), jobs.end(), [](const auto& x, const auto& y) {
      return x->number < y->number;
    });
  }

  mutable std::mutex mutex_;
  lanes<job_ptr> lanes_;
  std::array<place, 2> disks_;
  /// Index of the disk actor that has the turn, or to which it was passed.
  size_t holder_ = 0;
  /// Whether the holder has no work and waits for a message.
  bool parked_ = false;
  /// Whether the holder had no work when its turn ended, and the next turn has
  /// not begun; and when the turn after that began.
  bool asleep_ = true;
  time_point awake_since_{};
  share_controller shares_;
  /// The job that is executed, if any.
  begun_job current_;
  /// Jobs that await the device, by their numbers.
  std::map<uint64_t, begun_job> awaiting_;
  /// Number of them that have not taken effect, and that the device has not
  /// served.
  size_t unsettled_ = 0;
  /// Whether a list was next, but could not begin beside them.
  bool list_waits_ = false;
  /// Numbers of those that the device has served.
  std::vector<uint64_t> returned_;
  /// How long each of them would have used the device if all had always waited.
  duration device_time_{};
  size_t depth_ = 1;
  /// Ends the wait of the holder for the device; empty if it does not wait.
  std::function<void()> interrupt_;
  // Jobs taken in this turn, and their limit.
  size_t taken_ = 0;
  size_t room_ = 0;
  /// Whether `await_idle` waits until nothing is held.
  bool awaited_ = false;
  spindle::load<totals> load_;
};

} // namespace spindle
