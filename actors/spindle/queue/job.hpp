// An operation or oplist on its way through the queue.
#pragma once

#include "spindle/export.hpp"
#include "spindle/fs/execute.hpp"
#include "spindle/fs/progress_record.hpp"
#include "spindle/fs/stream.hpp"
#include "spindle/message/internal/queue.hpp"
#include "spindle/queue/scheduler.hpp"
#include "spindle/queue/totals.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <variant>
#include <vector>

namespace spindle {

/// Who is told what became of a job: the one who requested it, or a callback.
/// Whoever was told becomes nobody.
using recipient
  = std::variant<std::monostate, cafx::reply_slot, callback, list_callback,
                 local_callback, local_list_callback>;

/// An operation or oplist on its way through the queue. Belongs to one actor at
/// a time and moves with the messages that carry it.
struct SPINDLE_EXPORT job : schedulable {
  using totals = spindle::totals;

  job(ticket id, operation op, recipient who);

  job(ticket id, oplist list, recipient who);

  job(ticket id, stream_step step, recipient who);

  job(const job&) = delete;

  /// Tells a recipient who was not told anything what was done, or else that
  /// the queue is gone.
  ~job();

  ticket id() const noexcept {
    return ticket{number};
  }

  /// Returns whether each operation has its answer.
  bool answered() const;

  /// How many answers it has when it is done.
  size_t operations = 1;
  /// What failures and the status call it.
  std::string_view name;
  /// How far it is. Written at the disk, read by anybody.
  fs::progress_record progress;
  /// Why it is to end early, or `errc::none`. Any thread may set it.
  std::atomic<errc> stop = errc::none;

  // -- belong to whoever has the job ------------------------------------------

  /// The callback actor takes lists apart; an operation never changes.
  std::variant<operation, oplist, stream_step> what;
  recipient who;
  /// One answer for each operation, in the order of execution.
  std::vector<answer> answers;
  /// Whether the disk was asked for any of it.
  bool started = false;
  /// The disk of an operation that was begun.
  fs::vfs_ptr disk;
  /// An operation that was begun; it must not outlive its disk.
  std::unique_ptr<fs::execution> execution;
};

/// What the actors of a queue share.
using job_scheduler = scheduler<job>;

/// Returns the failure of an operation that was not executed.
SPINDLE_EXPORT failure refuse(const operation& op, errc code,
                              std::string detail);

/// Answers all operations of a job that is not going to be executed.
SPINDLE_EXPORT void refuse(job& what, errc code, const std::string& detail);

/// Returns what the writer gets as the answer to its step.
SPINDLE_EXPORT caf::message step_answer(job& what);

/// Returns what the requester of an operation gets: the output, or an error.
SPINDLE_EXPORT caf::message to_message(answer result);

/// Returns the operation without the bytes that it carries.
SPINDLE_EXPORT operation without_payload(operation op);

/// Returns what a report says of an operation or oplist that was given up.
SPINDLE_EXPORT undone describe(const operation& op);

SPINDLE_EXPORT undone describe(const oplist& list);

SPINDLE_EXPORT undone describe(const job& what, bool started);

/// Notes that whoever waited for a job was told: it lets go of what it carries,
/// however long the supervisor still remembers it.
SPINDLE_EXPORT void conclude(job& what);

/// Takes the list of a job apart and puts it together with its answers.
SPINDLE_EXPORT oplist_report make_report(job& what);

} // namespace spindle
