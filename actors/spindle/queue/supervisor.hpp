// Admits operations, and watches the disk actors.
#pragma once

#include "spindle/export.hpp"
#include "spindle/message/internal/queue.hpp"
#include "spindle/message/settings.hpp"
#include "spindle/queue/engines.hpp"
#include "spindle/queue/job.hpp"
#include "spindle/queue/writer_registry.hpp"

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace spindle {

/// Spawns the other actors of a queue, and decides which of them have a thread
/// of their own.
struct actor_spawners {
  std::function<disk_actor(uint64_t id, const std::shared_ptr<job_scheduler>&,
                           const callback_actor&, const settings&)>
    spawn_disk;
  std::function<callback_actor(const supervisor_internal_actor&,
                               const std::shared_ptr<job_scheduler>&)>
    spawn_callbacks;
  std::function<writer_actor(const supervisor_internal_actor&, write_job,
                             writer_terms)>
    spawn_writer;
};

/// The oplist supervisor. Never blocks.
class SPINDLE_EXPORT supervisor_state {
public:
  static constexpr const char* name = "spindle.supervisor";

  // -- constructors, destructors, and assignment operators --------------------

  /// @param device how the disk actors of `spawners` wait for the device.
  supervisor_state(cafx::self_ptr<supervisor_internal_actor> self,
                   settings bounds, actor_spawners spawners,
                   engine_terms device = {});

  supervisor_state(const supervisor_state&) = delete;

  ~supervisor_state();

  supervisor_internal_actor::behavior_type make_behavior();

private:
  // -- nested types -----------------------------------------------------------

  /// A disk actor and its id in the scheduler.
  struct disk_slot {
    disk_actor actor;
    uint64_t id = 0;
  };

  // -- handlers, by what they are for -----------------------------------------

  /// Returns the handlers of requests for operations and oplists, as a tuple.
  auto request_handlers();

  auto control_handlers();

  auto writer_handlers();

  /// Returns the handlers of what only the actors of the queue send.
  auto internal_handlers();

  // -- admission --------------------------------------------------------------

  /// Returns why an operation or oplist is refused, if it is.
  std::optional<failure> refusal(size_t ops, uint64_t bytes) const;

  std::optional<failure> refusal(const operation& op) const;

  std::optional<failure> refusal(const oplist& list) const;

  std::optional<failure> refusal(const stream_step& step) const;

  /// Puts an admitted job into a lane, and wakes the disk actor if necessary.
  template <class Job>
  ticket admit(Job&& what, recipient who, const in_lane& where);

  /// Returns the lane of the sender of the current message.
  in_lane lane_of_sender() const;

  /// Admits a request; the callback actor will send the response.
  template <class Result, class Job>
  Result on_request(Job&& what, const in_lane& where);

  /// Admits a job with a callback, and responds with its ticket.
  template <class Job>
  caf::result<ticket> on_submission(Job&& what, recipient who,
                                    const in_lane& where);

  /// Sends jobs that will not be executed to the callback actor.
  void deliver(job_list jobs);

  // -- the other actors -------------------------------------------------------

  /// Spawns the other actors of the queue, and gives one of them the turn.
  void spawn_actors();

  /// Spawns a disk actor and monitors it.
  void spawn_disk(size_t index);

  /// Tells each disk actor who its peer is.
  void introduce_disks();

  /// Replaces a disk actor that died. Its jobs fail; its successor gets the
  /// turn if it had it.
  void on_disk_down(uint64_t id);

  // -- writers ----------------------------------------------------------------

  writer_actor on_write(const write_job& what);

  caf::result<enlisted> on_enlist(const enlist& x);

  /// Sends `lane_reached` to a writer when the operations that a lane has now
  /// are done.
  void announce_lane(const in_lane& where, const writer_internal_actor& writer);

  caf::result<writer_status> on_recall(const recall_writer& x);

  caf::result<void> on_set_profiles(const set_profiles& x);

  void on_apply_settings(const settings& x);

  // -- control ----------------------------------------------------------------

  bool on_cancel(ticket which);

  caf::result<operation_progress> on_get_progress(ticket which) const;

  queue_status status();

  caf::result<shutdown_report> on_shutdown(const shutdown& how);

  /// Gives up pending operations, and responds to the shutdown.
  void on_deadline();

  /// Ends the queue if it shuts down and no work is left.
  void end_if_idle();

  /// Called when one of the other actors has ended after `end_if_idle`.
  void on_actor_down();

  void answer_shutdowns();

  // -- member variables -------------------------------------------------------

  cafx::self_ptr<supervisor_internal_actor> self_;
  settings bounds_;
  actor_spawners spawners_;
  engine_terms device_;
  callback_actor callbacks_;
  std::array<disk_slot, 2> disks_;
  uint64_t last_disk_id_ = 2;
  std::shared_ptr<job_scheduler> jobs_
    = std::make_shared<job_scheduler>(1u, 2u);
  uint64_t last_ticket_ = 0;

  writer_registry writers_;

  /// Number of disk actors that have died.
  uint64_t replaced_ = 0;

  // Shutdown.
  bool draining_ = false;
  size_t actors_alive_ = 0;
  bool ending_ = false;
  std::vector<undone> undone_;
  std::vector<cafx::typed_response_promise<shutdown_report>> waiting_for_end_;
};

} // namespace spindle
