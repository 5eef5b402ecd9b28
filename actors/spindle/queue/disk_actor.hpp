// One of the two actors that take turns to use the disk.
#pragma once

#include "spindle/export.hpp"
#include "spindle/fs/engine.hpp"
#include "spindle/fs/sync_group.hpp"
#include "spindle/message/internal/queue.hpp"
#include "spindle/message/settings.hpp"
#include "spindle/queue/job.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

namespace spindle {

/// Observes the turn, for tests. The disk actors call it.
class SPINDLE_EXPORT turn_observer {
public:
  virtual ~turn_observer() = default;

  /// Disk actor `id` has received the turn.
  virtual void on_taken(uint64_t id) = 0;

  /// Disk actor `id` is about to pass the turn.
  virtual void on_passed(uint64_t id) = 0;

  /// Disk actor `id` is about to execute an operation of `what`.
  virtual void on_execute(uint64_t id, const job& what) = 0;
};

/// Executes jobs while it has the turn. Blocks, so it needs a thread of its own
/// unless the disk is in memory.
class SPINDLE_EXPORT disk_actor_state {
public:
  static constexpr const char* name = "spindle.disk";

  // -- constructors, destructors, and assignment operators --------------------

  /// @param id identifies the disk actor within its queue; not 0.
  /// @param engine makes the calls that may wait for the device; if null, the
  ///        operations make them themselves.
  /// @param walks keeps the places of walks between pages, for both disk
  ///        actors; may be null.
  disk_actor_state(cafx::self_ptr<disk_actor> self, uint64_t id,
                   std::shared_ptr<job_scheduler> jobs,
                   callback_actor callbacks, settings bounds,
                   std::shared_ptr<fs::engine> engine = nullptr,
                   std::shared_ptr<turn_observer> observer = nullptr,
                   std::shared_ptr<fs::kept_walks> walks = nullptr);

  disk_actor_state(const disk_actor_state&) = delete;

  /// Waits until the engine has made all calls.
  ~disk_actor_state();

  disk_actor::behavior_type make_behavior();

private:
  // -- the turn ---------------------------------------------------------------

  /// Executes jobs until the turn ends, passes the turn unless no work is left,
  /// and then sends the results to the callback actor.
  void use_turn();

  /// Executes jobs until none is left or the turn ends.
  /// @param now when the turn has begun.
  void execute_some(std::chrono::steady_clock::time_point now);

  /// Returns the next job to execute, or to continue; null if the turn ends.
  std::shared_ptr<job> next_job();

  // -- jobs that await the device ---------------------------------------------

  /// Starts the calls that a job awaits.
  void start_calls(const std::shared_ptr<job>& what, fs::pause how);

  /// Waits until the device has served a job that awaits it, or until there is
  /// another one to execute. Does nothing if no job awaits the device.
  void await_device();

  /// Notes that a call, and those for which it stands, are done.
  void on_called(fs::device_call* call);

  // -- execution --------------------------------------------------------------

  /// Decides when the slice of an operation is over.
  class slice_end;

  /// Executes a job, or a slice of it.
  fs::pause execute(job& what);

  /// Executes, or skips, all operations of a list.
  /// @param groups whether their last syncs are made together.
  /// @returns whether all operations succeeded.
  bool execute_list(job& what, const oplist& list, bool skip, bool groups);

  /// @param groups whether its last syncs are made together with others.
  /// @returns whether the operation succeeded.
  bool execute_entry(job& what, const operation& op, bool skip, bool groups);

  /// Begins the next round of the last syncs of a list; it is done if there is
  /// none.
  fs::pause settle_list(job& what);

  /// Makes the last syncs of a list so far, because each keeps a file open.
  void flush_list(job& what);

  /// Collects the next round of the last syncs of a list.
  /// @returns whether there is one; if not, the answers are complete.
  static bool begin_round(job& what);

  /// Makes syncs with the engine, and waits for them.
  void make_syncs(const std::vector<fs::sync_call*>& calls);

  /// Executes a slice of an operation.
  fs::pause execute_operation(job& what, const operation& op);

  /// Executes a step of a stream, or a slice of it.
  /// @param begins whether this is the first slice.
  fs::pause execute_step(job& what, stream_step& step, bool begins);

  /// Notifies the observer that an operation of a job begins.
  void on_begin(const job& what);

  void add_answer(job& what, const operation& op, answer result);

  /// Schedules a message that drops abandoned walks, even if the queue has no
  /// more work.
  void watch_walks();

  // -- member variables -------------------------------------------------------

  cafx::self_ptr<disk_actor> self_;
  uint64_t id_;
  std::shared_ptr<job_scheduler> jobs_;
  callback_actor callbacks_;
  settings bounds_;
  fs::limits limits_;
  std::shared_ptr<turn_observer> observer_;
  std::shared_ptr<fs::kept_walks> walks_;
  /// Whether that message is scheduled.
  bool watches_walks_ = false;

  /// A job that awaits the device, and the number of its calls.
  struct awaiting_job {
    std::shared_ptr<job> what;
    size_t calls = 0;
  };

  std::shared_ptr<fs::engine> engine_;
  std::unordered_map<uint64_t, awaiting_job> awaiting_;
  /// Syncs to be started together at the end of the turn.
  fs::sync_group syncs_;
  /// Number of calls that the engine makes.
  size_t in_flight_ = 0;
  std::vector<fs::device_call*> called_;

  disk_actor peer_;
  uint64_t peer_id_ = 0;

  // Bytes transferred and operations executed in this turn.
  uint64_t bytes_ = 0;
  uint64_t ops_ = 0;
};

} // namespace spindle
