// One run of `spindle run`, from its first line to its last outcome.
#pragma once

#include "run/run_intake.hpp"

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
/// reads (`intake`); a submitter hands operations to the queue, the callback
/// actor of the queue reports them (`ordered_reporter`), and a thread of its
/// own reports background writes.
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
  /// Reads lines to the end of the input, or of the session.
  void read(line_source& input);

  /// Waits for all outcomes; returns whether all came.
  bool drain();

  bool strict_;
  stop_event& stop_;
  spindle::queue queue_;
  backlog backlog_;
  reporter reporter_;
  ordered_reporter outcomes_;
  /// Last, since what it submits is reported by the others.
  intake intake_;
};

} // namespace spindle::tool
