// An operation or oplist on its way through the queue.
#pragma once

#include "spindle/export.hpp"
#include "spindle/fs/progress_record.hpp"
#include "spindle/fs/stream.hpp"
#include "spindle/messages.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <variant>
#include <vector>

namespace spindle {

/// Receives an outcome inside this process; runs in the callback actor. Only if
/// an actor of the queue was killed may it run in the thread of another.
struct SPINDLE_EXPORT local_callback {
  std::function<void(const outcome&)> fun;

  /// Calls the function. What it throws goes to stderr and no further.
  /// @returns whether it threw nothing.
  bool operator()(const outcome& x) const;
};

/// Receives a report inside this process, as `local_callback` does an outcome.
struct SPINDLE_EXPORT local_list_callback {
  std::function<void(const oplist_report&)> fun;

  /// Like that of `local_callback`.
  bool operator()(const oplist_report& x) const;
};

/// What a writer asks of the disk.
enum class step_kind : uint8_t {
  /// To write a chunk.
  write,
  /// To write the last chunk, which may be empty, and to finish the stream.
  finish,
  /// To close the stream and to leave nothing behind that is not complete.
  abandon,
};

/// What failures and the status call a step.
inline constexpr auto stream_step_name = "background_write";

/// One step of a stream; for the queue, an operation like any other.
struct stream_step {
  step_kind kind = step_kind::write;
  std::shared_ptr<fs::stream> to;
  /// Bytes of the stream before the chunk. A step that comes after one that did
  /// not get all its bytes written writes none.
  uint64_t offset = 0;
  buffer chunk;
  /// Bytes of the chunk that were written.
  uint64_t written = 0;
};

/// What became of a step that did not fail. All of it was done unless fewer
/// bytes were written than the chunk has.
struct step_result {
  uint64_t written = 0;
};

/// Who is told what became of a job: the one who requested it, or a callback.
/// Whoever was told becomes nobody.
using recipient
  = std::variant<std::monostate, cafx::reply_slot, callback, list_callback,
                 local_callback, local_list_callback>;

/// Where a job is.
enum class job_state : uint8_t {
  /// In the queue, or in a unit that was not executed yet.
  waiting,
  /// At the disk.
  started,
  /// With the callback actor, or past it.
  finished,
  /// Cancelled before it started.
  dropped,
};

/// An operation or oplist on its way through the queue. Belongs to one actor at
/// a time and moves with the messages that carry it; only the atomic members
/// and those that never change may be looked at by others.
struct SPINDLE_EXPORT job {
  job(spindle::ticket id, operation op, recipient who);

  job(spindle::ticket id, oplist list, recipient who);

  job(spindle::ticket id, stream_step step, recipient who);

  job(const job&) = delete;

  /// Tells a recipient who was not told anything what was done, or else that
  /// the queue is gone.
  ~job();

  /// Moves from one state to another, unless another actor was faster.
  bool move_on(job_state from, job_state to) noexcept {
    return state.compare_exchange_strong(from, to);
  }

  // -- never change -----------------------------------------------------------

  const ticket id;
  /// Operations in it, embedded lists included.
  size_t ops = 1;
  /// Bytes that these operations carry.
  uint64_t bytes = 0;
  /// What failures and the status call it.
  std::string_view name;

  // -- shared -----------------------------------------------------------------

  std::atomic<job_state> state = job_state::waiting;
  /// The disk actor that has the job, or had it last; 0 for none.
  std::atomic<uint64_t> keeper = 0;
  /// How far it is. Written at the disk.
  fs::progress_record progress;

  // -- belong to whoever has the job ------------------------------------------

  /// The callback actor takes lists apart; an operation never changes.
  std::variant<operation, oplist, stream_step> what;
  recipient who;
  /// One answer for each operation, in the order of execution.
  std::vector<answer> answers;
};

using job_ptr = std::shared_ptr<job>;

/// Jobs that travel together, in the order of admission.
using job_list = std::vector<job_ptr>;

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
