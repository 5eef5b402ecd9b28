// Decides what the disk does next, and who does it.
#pragma once

#include "spindle/queue/invariant.hpp"
#include "spindle/queue/lanes.hpp"
#include "spindle/queue/schedulable.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace spindle {

/// How much of a queue is where, and what its turns did.
template <class Totals>
struct load {
  /// Operations of which nothing was done.
  uint64_t waiting = 0;
  /// Operations at the disk.
  uint64_t running = 0;
  /// Operations that were at the disk, and continue later.
  uint64_t resting = 0;
  /// Jobs, their operations and bytes, that were admitted and not delivered.
  uint64_t held_jobs = 0;
  uint64_t held_ops = 0;
  uint64_t held_bytes = 0;
  /// What was delivered.
  Totals delivered{};
  /// The most operations that were ever held.
  uint64_t high_water = 0;
  /// Lanes that have a job.
  uint64_t lanes = 0;
  /// Turns in which each of the two disk actors executed something.
  std::array<uint64_t, 2> turns{};
  /// Operations executed in these turns.
  uint64_t executed = 0;
};

/// Owns the jobs of a queue until they are done, and says who has the turn. The
/// supervisor pushes jobs into lanes. Of two disk actors, the one that has the
/// turn takes one job after the other to the disk, and puts back what has to
/// rest; the other delivers results meanwhile. Any thread may call any member;
/// each locks the scheduler for a moment.
///
/// `Job` derives from `schedulable`. Its type `totals` counts what is
/// delivered, `jobs`, `ops` and `bytes` among it.
template <class Job>
class scheduler {
public:
  using totals = typename Job::totals;
  using job_ptr = std::shared_ptr<Job>;
  using job_list = std::vector<job_ptr>;
  using duration = std::chrono::nanoseconds;

  /// Names a disk actor; 0 for none.
  using disk_id = uint64_t;

  /// What becomes of the turn when one has ended.
  enum class fate : uint8_t {
    /// The peer has it.
    passed,
    /// It stays, because nothing may go to the disk.
    parked,
    /// It stays, because the peer that was named is dead.
    kept,
  };

  struct ended_turn {
    fate then = fate::parked;
    /// Jobs whose results are to be delivered.
    job_list finished;
  };

  /// A job and where it was found.
  struct found {
    job_ptr what;
    job_state where = job_state::finished;
  };

  /// What a dead disk actor left behind.
  struct estate {
    /// Jobs that it had at the disk, and those whose results it had.
    job_list lost;
    /// Whether it had the turn; then its successor has it.
    bool had_turn = false;
  };

  /// @param first has the turn.
  scheduler(disk_id first, disk_id second)
      : disks_{place{first}, place{second}} {}

  // -- admission --------------------------------------------------------------

  /// Returns whether so many more operations can be held.
  bool has_room(uint64_t more_ops, uint64_t max_ops) const {
    std::lock_guard guard{mutex_};
    return load_.held_ops + more_ops <= max_ops;
  }

  /// Returns whether so many more bytes can be held.
  bool has_room_for_bytes(uint64_t more_bytes, uint64_t max_bytes) const {
    std::lock_guard guard{mutex_};
    return load_.held_bytes + more_bytes <= max_bytes;
  }

  /// Puts a job at the end of a lane.
  /// @param weight the share of the lane's client from now on.
  /// @returns the holder of the turn if it waits for work, and must be told;
  ///          else 0.
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
    return std::exchange(parked_, false) ? disks_[holder_].id : 0;
  }

  // -- turns ------------------------------------------------------------------

  /// Begins a turn. Only for the holder.
  /// @param max_ops operations after which the turn ends. It has at most half
  ///        of what the queue holds, if that is worth dividing: while one half
  ///        is at the disk, clients hear of the other and ask for more.
  void begin(disk_id id, size_t max_ops) {
    std::lock_guard guard{mutex_};
    own(id);
    parked_ = false;
    room_ = std::min<size_t>(max_ops,
                             std::max<size_t>(load_.held_ops / 2, undivided));
    taken_ = 0;
  }

  /// Takes the next job to the disk. Only for the holder, which has none there.
  /// @returns null if the turn has to end.
  job_ptr take(disk_id id) {
    std::lock_guard guard{mutex_};
    invariant(!running_, "there is a job at the disk already");
    if (!lanes_.ready() || taken_ >= room_)
      return nullptr;
    auto& place = own(id);
    const auto& next = *lanes_.front();
    auto alone = next.exclusive;
    // What goes on for long must not keep results from being delivered.
    if ((alone && taken_ > 0)
        || (next.state == job_state::resting && !place.finished.empty()))
      return nullptr;
    auto [what, lane] = lanes_.take();
    account(*what, job_state::running);
    taken_ = alone ? room_ : taken_ + 1;
    lane_ = lane;
    running_ = what;
    return what;
  }

  /// Returns whether others wait for the job at the disk: for their turn, or
  /// for results that this disk actor has. Only for the holder.
  bool contended(disk_id id) {
    std::lock_guard guard{mutex_};
    return !own(id).finished.empty() || lanes_.ready();
  }

  /// Returns whether this disk actor has results that are to be delivered. Only
  /// for the holder.
  bool has_results(disk_id id) {
    std::lock_guard guard{mutex_};
    return !own(id).finished.empty();
  }

  /// Notes that the job at the disk is done. Only for the holder.
  /// @param time how long it was at the disk.
  void done(disk_id id, duration time) {
    std::lock_guard guard{mutex_};
    auto& place = own(id);
    account(*running_, job_state::finished);
    place.executed += running_->ops;
    place.finished.push_back(std::move(running_));
    lanes_.done(*lane_, time);
  }

  /// Puts the job at the disk back to the head of its lane; the turn has to
  /// end. Only for the holder.
  void rest(disk_id id, duration time) {
    std::lock_guard guard{mutex_};
    own(id).rested = true;
    account(*running_, job_state::resting);
    taken_ = room_;
    lanes_.put_back(*lane_, std::move(running_), time);
  }

  /// Ends a turn. Only for the holder.
  /// @param peer who is to get the turn if there is something to do.
  ended_turn end(disk_id id, disk_id peer) {
    std::lock_guard guard{mutex_};
    auto& place = own(id);
    load_.executed += std::exchange(place.executed, 0);
    auto has_rested = std::exchange(place.rested, false);
    if (has_rested || !place.finished.empty())
      ++load_.turns[holder_];
    ended_turn res{fate::parked, std::exchange(place.finished, {})};
    if (!lanes_.ready()) {
      parked_ = true;
    } else if (disks_[1 - holder_].id != peer) {
      res.then = fate::kept;
    } else {
      holder_ = 1 - holder_;
      res.then = fate::passed;
    }
    return res;
  }

  /// Puts a disk actor in the place of a dead one.
  estate replace(disk_id dead, disk_id successor) {
    std::lock_guard guard{mutex_};
    auto index = disks_[0].id == dead ? size_t{0} : size_t{1};
    invariant(disks_[index].id == dead, "an unknown disk actor died");
    estate res{std::exchange(disks_[index], place{successor}).finished,
               index == holder_};
    if (res.had_turn) {
      parked_ = false;
      if (running_) {
        account(*running_, job_state::finished);
        res.lost.push_back(std::move(running_));
        lanes_.done(*lane_, duration{0});
      }
    }
    return res;
  }

  // -- control ----------------------------------------------------------------

  /// Finds a job that is not finished.
  found find(uint64_t number) {
    return find_if(number, [](const Job&) { return false; });
  }

  /// Finds a job that is not finished. One of which nothing was done is
  /// finished by this call.
  found cancel(uint64_t number) {
    return find_if(
      number, [](const Job& what) { return what.state == job_state::waiting; });
  }

  /// Finishes all jobs of which nothing was done, and returns them in the order
  /// of admission.
  job_list give_up() {
    std::lock_guard guard{mutex_};
    job_list res;
    lanes_.take_if([&](const job_ptr& what) {
      if (what->state != job_state::waiting)
        return false;
      account(*what, job_state::finished);
      res.push_back(what);
      return true;
    });
    sort(res);
    return res;
  }

  /// Returns the jobs that are at the disk, and those that rest, in the order
  /// of admission.
  job_list begun() const {
    std::lock_guard guard{mutex_};
    job_list res;
    if (running_)
      res.push_back(running_);
    lanes_.for_each([&](const job_ptr& what) {
      if (what->state == job_state::resting)
        res.push_back(what);
    });
    sort(res);
    return res;
  }

  // -- delivery ---------------------------------------------------------------

  /// Notes that results were delivered, or are about to be.
  /// @returns whether nothing is held any more and somebody waits for that.
  [[nodiscard]] bool delivered(const totals& x) {
    std::lock_guard guard{mutex_};
    load_.held_jobs -= x.jobs;
    load_.held_ops -= x.ops;
    load_.held_bytes -= x.bytes;
    load_.delivered += x;
    return load_.held_jobs == 0 && std::exchange(awaited_, false);
  }

  /// Returns whether nothing is held. Otherwise `delivered` tells when nothing
  /// is.
  bool await_idle() {
    std::lock_guard guard{mutex_};
    awaited_ = load_.held_jobs > 0;
    return !awaited_;
  }

  // -- properties -------------------------------------------------------------

  spindle::load<totals> load() const {
    std::lock_guard guard{mutex_};
    auto res = load_;
    res.lanes = lanes_.size();
    return res;
  }

private:
  /// As many operations as are not worth dividing.
  static constexpr size_t undivided = 8;

  /// What is known of a disk actor.
  struct place {
    disk_id id = 0;
    /// Jobs whose results it has.
    job_list finished{};
    // What it did in this turn.
    uint64_t executed = 0;
    bool rested = false;
  };

  /// Finds a job that is not finished.
  /// @param take_out returns whether one that is in its lane is to be finished.
  template <class Pred>
  found find_if(uint64_t number, Pred take_out) {
    std::lock_guard guard{mutex_};
    if (running_ && running_->number == number)
      return {running_, job_state::running};
    found res;
    auto is_taken = false;
    res.what = lanes_.find(number, [&](const Job& what) {
      res.where = what.state;
      is_taken = take_out(what);
      return is_taken;
    });
    if (is_taken)
      account(*res.what, job_state::finished);
    return res;
  }

  /// Returns the place of the holder.
  place& own(disk_id id) {
    auto& res = disks_[holder_];
    invariant(res.id == id, "a disk actor acts without the turn");
    return res;
  }

  /// Moves a job, and its operations in the load, to another state.
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
  /// Index of the disk actor that has the turn, or is about to get it.
  size_t holder_ = 0;
  /// Whether the holder waits for work.
  bool parked_ = false;
  /// The job at the disk, if any, and its lane.
  job_ptr running_;
  typename lanes<job_ptr>::lane* lane_ = nullptr;
  // Of this turn: jobs taken, and how many may be.
  size_t taken_ = 0;
  size_t room_ = 0;
  /// Whether somebody waits until nothing is held.
  bool awaited_ = false;
  spindle::load<totals> load_;
};

} // namespace spindle
