// One run of `spindle run`: from lines of input to a queue to outcomes.
#pragma once

#include "run_backlog.hpp"
#include "run_input.hpp"
#include "run_reporter.hpp"

#include "spindle/client.hpp"

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

/// Has done what the lines of its input ask for. The thread that calls `run`
/// reads and submits; the callback actor of the queue reports.
class session {
public:
  // -- constructors, destructors, and assignment operators --------------------

  /// @param stop is requested to have no more input read; by the session
  ///        itself, too.
  session(caf::actor_system& sys, const session_options& options,
          stop_event& stop);

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
  exit_status status() const {
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

  void answer(const cancel_request& what);

  void answer(const status_request& what);

  // -- outcomes ---------------------------------------------------------------

  /// Reports what became of an item, given the outcomes of its operations in
  /// order: at once if it was not executed, otherwise after all items before
  /// it. Those are done, too, but the two disk actors hand out their outcomes
  /// independently of each other.
  void on_outcomes(const backlog_item_ptr& item, std::vector<outcome> outcomes);

  /// Reports that no operation of an item was done, or that nobody knows.
  void on_failure(const backlog_item_ptr& item, const failure& why);

  /// Reports everything that is not reported yet.
  void report_rest();

  /// Reports the items whose turn has come. `ordering_` is locked.
  void report_those_ready();

  void report(backlog_item& item, const std::vector<outcome>& outcomes);

  void report(backlog_item& item, const failure& why);

  /// Turns errors into failures; those of CAF, too.
  failure explain(const caf::error& why, const char* what) const;

  // -- the end ----------------------------------------------------------------

  /// Waits for all outcomes; returns whether all came.
  bool drain();

  // -- member variables -------------------------------------------------------

  session_options options_;
  stop_event& stop_;
  spindle::queue queue_;
  client client_;
  backlog backlog_;
  reporter reporter_;
  /// Locked while items are reported.
  std::mutex ordering_;
  /// The control message that ended the session, if one did.
  std::optional<shutdown_request> shutdown_;
};

} // namespace spindle::tool
