// Checks the invariants of the turn at each step.
#pragma once

#include "../kit/world.hpp"

#include <cstdint>
#include <map>
#include <stdexcept>
#include <string>
#include <unordered_map>
#include <vector>

namespace spindle::sim {

/// Thrown when a history violates a promise of the queue; names the promise.
struct broken_promise : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Records the first violation. An exception would not get out of an actor.
class promises {
public:
  void check(bool condition, const std::string& what) {
    if (!condition && first_.empty())
      first_ = what;
  }

  /// @throws broken_promise if there was a violation.
  void throw_if_broken() const {
    if (!first_.empty())
      throw broken_promise{first_};
  }

private:
  std::string first_;
};

/// Observes the turn and the execution of jobs.
class watcher : public turn_observer {
public:
  watcher(test::world& world, promises& all) : world_(world), promises_(all) {}

  void on_taken(uint64_t id) override {
    promises_.check(!held(), "two disk actors hold the turn");
    holder_ = id;
    ++turns_;
  }

  void on_passed(uint64_t id) override {
    promises_.check(holder_ == id,
                    "a disk actor passed the turn without holding it");
    holder_ = 0;
  }

  void on_execute(uint64_t id, const job& what) override {
    promises_.check(holder_ == id,
                    "an operation was executed without the turn");
    auto& last = last_number_[what.lane];
    promises_.check(what.number >= last,
                    "operations of a lane were executed out of order");
    last = what.number;
    auto [i, is_new] = executed_.try_emplace(what.number);
    if (is_new)
      order_.push_back({what.number, what.lane});
    // Jobs differ, but always in the same way.
    auto time = duration * static_cast<int64_t>(1 + what.number % 3);
    order_.back().time += time;
    auto& seen = i->second;
    promises_.check(is_new || order_.back().number == what.number,
                    "an oplist was interleaved");
    promises_.check(is_new || seen.turn == turns_,
                    "an oplist was executed in more than one turn");
    seen.turn = turns_;
    ++seen.operations;
    promises_.check(seen.operations <= what.ops,
                    "an operation was executed twice");
    if (time > caf::timespan{0})
      world_.pass_time(time);
  }

  /// Returns whether a live disk actor holds the turn.
  bool held() const {
    return holder_ != 0 && !world_.terminated(queue->disks[holder_ - 1]);
  }

  /// A job that a disk actor executed.
  struct visit {
    uint64_t number = 0;
    lane_id lane;
    /// The time of its operations, without their rests.
    caf::timespan time{0};
  };

  /// Returns the jobs in the order in which they were executed.
  const std::vector<visit>& order() const {
    return order_;
  }

  /// Returns how many operations of a job were executed.
  size_t executed(uint64_t number) const {
    auto i = executed_.find(number);
    return i != executed_.end() ? i->second.operations : 0;
  }

  /// The queue under test; its disk actors have the IDs 1, 2, 3, …
  std::shared_ptr<test::bare_queue> queue;
  /// How long an operation takes, at least.
  caf::timespan duration{0};

private:
  struct execution {
    size_t operations = 0;
    size_t turn = 0;
  };

  test::world& world_;
  promises& promises_;
  uint64_t holder_ = 0;
  size_t turns_ = 0;
  std::unordered_map<lane_id, uint64_t> last_number_;
  std::map<uint64_t, execution> executed_;
  std::vector<visit> order_;
};

} // namespace spindle::sim
