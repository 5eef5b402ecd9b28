// Admits operations, keeps the queue, forms units, watches the disk actors.
#pragma once

#include "spindle/actors.hpp"
#include "spindle/export.hpp"
#include "spindle/ledger.hpp"
#include "spindle/settings.hpp"
#include "spindle/writer_registry.hpp"

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace spindle {

/// Spawns the other actors of a queue; decides who has a thread of its own.
struct crew {
  std::function<disk_actor(uint64_t id, const supervisor_internal_actor&,
                           const callback_actor&, std::shared_ptr<ledger>,
                           const settings&)>
    spawn_disk;
  std::function<callback_actor(const supervisor_internal_actor&,
                               std::shared_ptr<ledger>)>
    spawn_callbacks;
};

/// The oplist supervisor. Never blocks.
class SPINDLE_EXPORT supervisor_state {
public:
  static constexpr const char* name = "spindle.supervisor";

  // -- constructors, destructors, and assignment operators --------------------
  supervisor_state(cafx::self_ptr<supervisor_internal_actor> self,
                   settings bounds, crew spawners);

  supervisor_state(const supervisor_state&) = delete;

  ~supervisor_state();

  supervisor_internal_actor::behavior_type make_behavior();

private:
  // -- nested types -----------------------------------------------------------

  /// What the supervisor knows of a disk actor.
  struct disk_slot {
    disk_actor actor;
    uint64_t id = 0;
    /// Whether it asked for a unit and has not got one.
    bool ready = true;
    /// Serial number of the unit that it has and has not taken to the disk; 0
    /// for none.
    uint64_t serial = 0;
  };

  /// The unit handed out last.
  struct growing_unit {
    /// Which disk actor has it.
    uint64_t disk_id = 0;
    /// Null as soon as nothing can be added any more.
    std::shared_ptr<unit_jobs> jobs{};
    size_t count = 0;
    uint64_t bytes = 0;
    bool is_list = false;
  };

  // -- admission --------------------------------------------------------------

  /// Returns why an operation or oplist is refused, if it is.
  std::optional<failure> refusal(size_t ops, uint64_t bytes) const;

  std::optional<failure> refusal(const operation& op) const;

  std::optional<failure> refusal(const oplist& list) const;

  std::optional<failure> refusal(const stream_step& step) const;

  /// Queues what was admitted.
  template <class Job>
  ticket admit(Job what, recipient who);

  /// Answers a request in the name of whoever executes it.
  template <class Result, class Job>
  Result on_request(Job what);

  /// Answers a request with a ticket.
  template <class Job>
  caf::result<ticket> on_submission(Job what, recipient who);

  // -- units ------------------------------------------------------------------

  /// Does what can be done now. Called whenever something may have changed.
  void go_on();

  /// Takes note of what the others have done.
  void read_ledger();

  /// Hands out jobs: to the unit handed out last, if it waits for its turn and
  /// has room, and in new units as long as there are disk actors without one.
  void dispatch();

  /// Adds what waits to the unit handed out last.
  void extend_last_unit();

  /// Returns the first job that waits, made out to the disk actor that has the
  /// last unit; null if there is none, or none that fits in.
  job_ptr next_for_unit();

  /// Returns how many operations a unit may have, apart from a list.
  size_t max_unit() const;

  /// Notes that the first job that waits is in the last unit.
  void hand_out_next();

  /// Forgets jobs that left the disk.
  void forget_finished();

  void on_report(const disk_report& x);

  void on_delivered(const delivered& x);

  /// Returns whether there is something to do that must wait for the others.
  bool waits() const;

  // -- disk actors ------------------------------------------------------------

  /// Spawns a disk actor and watches it.
  void hire(size_t index);

  /// Replaces a disk actor that died.
  void on_disk_down(uint64_t id);

  /// Tells a disk actor about its sister; then makes up for what died with the
  /// former sister.
  void introduce(size_t index);

  /// Fails the jobs that died with their disk actor.
  void fail_orphans();

  /// Makes a new turn after the old one died with its holder, and gives it to
  /// whoever has the next unit.
  void issue_turn();

  // -- writers ----------------------------------------------------------------

  caf::result<enlisted> on_enlist(const enlist& x);

  caf::result<writer_status> on_recall(const recall_writer& x);

  caf::result<void> on_set_profiles(const set_profiles& x);

  void on_apply_settings(const settings& x);

  // -- control ----------------------------------------------------------------

  bool on_cancel(ticket which);

  caf::result<operation_progress> on_get_progress(ticket which) const;

  queue_status status();

  caf::result<shutdown_report> on_shutdown(const shutdown& how);

  /// Gives up what has not started and answers those who wait for the end.
  void on_deadline();

  /// Ends the queue if it is to end and nothing is left to do.
  void end_if_idle();

  /// Called as each actor of the crew ends after `end_if_idle`.
  void on_crew_down();

  void answer_shutdowns();

  // -- member variables -------------------------------------------------------

  cafx::self_ptr<supervisor_internal_actor> self_;
  settings bounds_;
  crew spawners_;
  std::shared_ptr<ledger> ledger_ = std::make_shared<ledger>();
  /// What was read last; kept for its memory.
  ledger_page page_;
  callback_actor callbacks_;
  std::array<disk_slot, 2> disks_;
  uint64_t last_disk_id_ = 0;

  /// Counts introductions; answers to all but the last are out of date.
  uint64_t introductions_ = 0;

  /// Jobs that wait, ordered by ticket.
  std::deque<job_ptr> queue_;
  /// Jobs with disk actors, ordered by ticket.
  std::deque<job_ptr> running_;
  uint64_t last_ticket_ = 0;
  uint64_t next_serial_ = 1;
  /// Index of the disk actor that has the turn when all units handed out so far
  /// are done, unless something unusual happens: the best one for the next.
  size_t next_holder_ = 0;
  growing_unit last_unit_;

  // What was admitted and not delivered.
  uint64_t held_jobs_ = 0;
  uint64_t held_ops_ = 0;
  uint64_t held_bytes_ = 0;
  /// Operations in `queue_` that were not cancelled.
  uint64_t waiting_ops_ = 0;

  writer_registry writers_;

  // For the status.
  delivered totals_;
  uint64_t high_water_ = 0;
  uint64_t executed_ops_ = 0;
  std::array<uint64_t, 2> turns_{};
  uint64_t replaced_ = 0;

  // For the end.
  bool draining_ = false;
  size_t crew_alive_ = 0;
  bool ending_ = false;
  std::vector<undone> undone_;
  std::vector<cafx::typed_response_promise<shutdown_report>> waiting_for_end_;
};

} // namespace spindle
