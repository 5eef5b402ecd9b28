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
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

namespace spindle {

/// Result recipient: whoever requested the job, or a callback. Empty once
/// notified.
using recipient
  = std::variant<std::monostate, cafx::reply_slot, callback, list_callback,
                 local_callback, local_list_callback>;

/// The last syncs of an operation of a list.
struct list_sync {
  /// Index of its answer.
  size_t answer = 0;
  std::string_view operation;
  fs::final_syncs syncs;
};

/// An operation or oplist on its way through the queue. Belongs to one actor at
/// a time and moves with the messages that carry it.
struct SPINDLE_EXPORT job : schedulable {
  using totals = spindle::totals;

  job(ticket id, operation op, recipient who);

  job(ticket id, oplist list, recipient who);

  job(ticket id, stream_step step, recipient who);

  job(const job&) = delete;

  /// If the recipient was not notified, sends it the result, or the failure
  /// that the queue is gone.
  ~job();

  ticket id() const noexcept {
    return ticket{number};
  }

  /// Returns whether each operation has an answer, and no sync is left.
  bool answered() const;

  /// Number of operations, and of answers when all are done.
  size_t operations = 1;
  /// Name of the operation in failures and in the status.
  std::string_view name;
  /// Progress. The disk actor writes it, any thread may read it.
  fs::progress_record progress;
  /// Why the job must stop, or `errc::none`. Any thread may set it.
  std::atomic<errc> stop = errc::none;

  // -- owned by the actor that has the job ------------------------------------

  /// The callback actor moves the parts of a list out. An operation is never
  /// modified.
  std::variant<operation, oplist, stream_step> what;
  recipient who;
  /// One answer for each operation, in the order of execution.
  std::vector<answer> answers;
  /// Whether a disk actor has begun to execute it.
  bool started = false;
  /// The disk of `execution`.
  fs::vfs_ptr disk;
  /// An operation that has begun; declared after its disk, to be destroyed
  /// first.
  std::optional<fs::execution> execution;
  /// The last syncs of operations of a list.
  std::vector<list_sync> list_syncs;
  /// Those of them that are made now.
  std::vector<fs::sync_call*> awaited_syncs;
};

/// The scheduler that the actors of a queue share.
using job_scheduler = scheduler<job>;

/// Returns the failure of an operation that was not executed.
SPINDLE_EXPORT failure refuse(const operation& op, errc code,
                              std::string detail);

/// Adds a failure as the answer of each operation of a job that will not be
/// executed.
SPINDLE_EXPORT void refuse(job& what, errc code, const std::string& detail);

/// Returns the response to a writer's step.
SPINDLE_EXPORT caf::message step_answer(job& what);

/// Returns the response to an operation: the output, or an error.
SPINDLE_EXPORT caf::message to_message(answer result);

/// Returns the operation without the bytes that it carries.
SPINDLE_EXPORT operation without_payload(operation op);

/// Returns the entry of an operation or oplist in the report of a shutdown.
SPINDLE_EXPORT undone describe(const operation& op);

SPINDLE_EXPORT undone describe(const oplist& list);

SPINDLE_EXPORT undone describe(const job& what, bool started);

/// Empties a job whose recipient was notified, because the supervisor may keep
/// it for longer.
SPINDLE_EXPORT void drop_content(job& what);

/// Moves the operations and answers of a job into a report.
SPINDLE_EXPORT oplist_report make_report(job& what);

} // namespace spindle
