// One run of `spindle run`: from lines of input to a queue to outcomes.
#pragma once

#include "run/attendant.hpp"
#include "run/run_backlog.hpp"
#include "run/run_errands.hpp"
#include "run/run_input.hpp"
#include "run/run_reporter.hpp"
#include "run/run_submitter.hpp"
#include "run/run_writers.hpp"

#include "spindle/client.hpp"

#include <chrono>
#include <mutex>
#include <optional>
#include <vector>

namespace spindle::tool {

/// How to run.
struct session_options {
  /// Limits of the queue.
  spindle::settings queue;
  /// Whether to stop at the first line that is not understood.
  bool strict = false;
  report_streams streams;
};

/// Returns the settings of a queue that never refuses what a session lets in,
/// since it is the session that keeps to the limits.
settings queue_settings(settings x);

/// Has done what the lines of its input ask for. The thread that calls `run`
/// reads; a submitter hands operations to the queue, the callback actor of the
/// queue reports them, and a thread of its own reports background writes.
class session {
public:
  // -- constructors, destructors, and assignment operators --------------------

  /// @param q should have what `queue_settings` returns.
  /// @param stop is requested to have no more input read; by the session
  ///        itself, too.
  session(queue q, const session_options& options, stop_event& stop);

  session(const session&) = delete;

  session& operator=(const session&) = delete;

  // -- running ----------------------------------------------------------------

  /// Reads `input` to its end, and waits for all outcomes. Returns whether the
  /// process may end in an orderly manner; otherwise an operation still sits at
  /// the disk, and nobody shall wait for it.
  bool run(line_source& input);

  /// Has no more input read, and operations given up that have not started. Any
  /// thread may call.
  void abandon();

  /// Abandons, reports whatever does not end in a moment, and ends the process.
  /// May be called by any thread while another one runs the session.
  [[noreturn]] void leave();

  /// Returns what the process is to exit with.
  int status() const {
    return reporter_.status();
  }

  /// Says something on stderr.
  void note(const std::string& what) {
    reporter_.note(what);
  }

private:
  // -- lines ------------------------------------------------------------------

  /// Does what the line asks for; returns whether to read on.
  bool on_line(const input_line& line);

  /// @throws bad_request
  void submit(work what, size_t line_bytes);

  /// @throws bad_request
  void submit(background_request what, size_t line_bytes);

  /// Returns what a writer is to be spawned for.
  /// @throws bad_request if it is chained to a writer that is not known.
  write_job make_job(const background_write& what) const;

  /// Returns what is to be read for a writer, if anything.
  std::optional<writer_source> make_source(const background_write& what,
                                           const write_job& job) const;

  void answer(const writer_request& what);

  void answer(const cancel_request& what);

  void answer(const status_request& what);

  /// Tells the writer with that id something; returns whether it is there to
  /// hear it, or why it refuses.
  template <class Message>
  caf::expected<bool> tell_writer(const json& id, Message what);

  /// Answers a control message with `key`.
  void answer(const json& id, const char* action, const char* key,
              const caf::expected<bool>& res);

  // -- outcomes ---------------------------------------------------------------

  /// Notes the ticket of an item, or reports that the queue refuses it.
  void on_answer(const backlog_item_ptr& item,
                 const caf::expected<ticket>& res);

  /// Reports what became of an item, given the outcomes of its operations in
  /// order: at once if it was cancelled, otherwise after all items before it.
  /// Outcomes do not arrive in that order: the two disk actors hand out theirs
  /// independently of each other, and so do the volumes of a node, and what is
  /// given up after a deadline overtakes what is at the disk.
  void on_outcomes(const backlog_item_ptr& item, std::vector<outcome> outcomes);

  /// Reports that no operation of an item was done, or that nobody knows;
  /// likewise after all items before it.
  void on_failure(const backlog_item_ptr& item, const failure& why);

  /// Reports everything that is not reported yet.
  void report_rest();

  /// Reports the items whose turn has come. `ordering_` is locked.
  void report_those_ready();

  void report(backlog_item& item, const std::vector<outcome>& outcomes);

  void report(backlog_item& item, const failure& why);

  void report(backlog_item& item, const writer_status& last,
              caf::timespan spawned);

  /// Turns errors into failures; those of CAF, too.
  failure explain(const caf::error& why, std::string what) const;

  // -- the end ----------------------------------------------------------------

  /// Waits for all outcomes; returns whether all came.
  bool drain();

  // -- member variables -------------------------------------------------------

  std::chrono::steady_clock::time_point start_
    = std::chrono::steady_clock::now();
  session_options options_;
  stop_event& stop_;
  spindle::queue queue_;
  client client_;
  /// Talks to writers, for the thread that reads.
  cafx::scoped_actor self_;
  backlog backlog_;
  writer_book writers_;
  reporter reporter_;
  /// Locked while items are reported.
  std::mutex ordering_;
  /// The control message that ended the session, if one did.
  std::optional<shutdown_request> shutdown_;
  /// Reports background writes.
  errand_thread errands_;
  /// Last, since it tells the session of tickets as long as it is there.
  submitter submitter_;
};

} // namespace spindle::tool
