// One of the two actors that take turns at the disk.
#pragma once

#include "spindle/actors.hpp"
#include "spindle/export.hpp"
#include "spindle/ledger.hpp"
#include "spindle/settings.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>

namespace spindle {

/// Is told of each step of the turn, for tests. Called from the disk actors.
class SPINDLE_EXPORT turn_observer {
public:
  virtual ~turn_observer() = default;

  /// `id` now holds the turn.
  virtual void on_taken(uint64_t id) = 0;

  /// `id` no longer holds the turn.
  virtual void on_passed(uint64_t id) = 0;

  /// `id` is about to execute an operation of `job`.
  virtual void on_execute(uint64_t id, const job& what) = 0;
};

/// Executes units at its turn. Blocks: must have a thread of its own, unless
/// the disk is in memory.
class SPINDLE_EXPORT disk_actor_state {
public:
  static constexpr const char* name = "spindle.disk";

  // -- constructors, destructors, and assignment operators --------------------

  /// @param id tells disk actors of one queue apart; never 0.
  /// @param walks is where both disk actors find walks between their pages;
  ///        none if null.
  disk_actor_state(cafx::self_ptr<disk_actor> self, uint64_t id,
                   supervisor_internal_actor supervisor,
                   callback_actor callbacks, std::shared_ptr<ledger> notes,
                   settings bounds,
                   std::shared_ptr<turn_observer> observer = nullptr,
                   std::shared_ptr<fs::kept_walks> walks = nullptr);

  disk_actor::behavior_type make_behavior();

private:
  // -- the turn ---------------------------------------------------------------

  /// Executes what is next and passes the turn, or keeps it if nothing is.
  void use_turn();

  /// Gives the turn, and what was not executed, to the sister.
  void pass_turn(std::shared_ptr<job_list> rest);

  /// Returns the rest of the sister and the own unit, as far as they are next,
  /// in this order; null if nothing is.
  std::shared_ptr<job_list> take_work();

  /// Notes what there is to say of the last turn.
  /// @param idle whether there is nothing to do, so that a unit may come.
  /// @returns whether the supervisor waits for it and must be told.
  [[nodiscard]] bool note_turn(bool idle);

  void tell_supervisor();

  // -- execution --------------------------------------------------------------

  /// Executes jobs until the list or the turn ends.
  /// @returns the number of jobs executed.
  size_t execute_some(job_list& jobs);

  /// Executes one job, unless it was cancelled.
  void execute(job& what);

  /// Executes, or skips, all operations of a list.
  /// @returns whether all operations succeeded.
  bool execute_list(job& what, const oplist& list, bool skip);

  /// Takes a step of a stream.
  void execute_step(job& what, stream_step& step);

  /// @returns whether the operation succeeded.
  bool execute_operation(job& what, const operation& op, bool skip);

  /// Makes sure that walks which nobody goes on with are dropped, even if the
  /// queue has nothing to do any more.
  void watch_walks();

  // -- member variables -------------------------------------------------------

  cafx::self_ptr<disk_actor> self_;
  uint64_t id_;
  supervisor_internal_actor supervisor_;
  callback_actor callbacks_;
  std::shared_ptr<ledger> notes_;
  settings bounds_;
  fs::limits limits_;
  std::shared_ptr<turn_observer> observer_;
  std::shared_ptr<fs::kept_walks> walks_;
  /// Whether a message is under way that has old walks dropped.
  bool watches_walks_ = false;

  disk_actor sister_;
  uint64_t sister_id_ = 0;

  /// What this actor is to do, if anything.
  std::optional<unit> unit_;
  /// The turn, while this actor has it.
  std::optional<turn> turn_;
  /// Whether nothing waited behind the unit last taken.
  bool alone_ = false;
  /// Whether the supervisor knows that there is nothing to do here.
  bool asked_ = true;

  // Bytes moved, and operations executed, in this turn.
  uint64_t bytes_ = 0;
  uint64_t ops_ = 0;

  // What is to be noted next.
  uint64_t taken_ = 0;
  uint64_t turns_ = 0;
  uint64_t executed_ = 0;
};

} // namespace spindle
