// Does what lines of input ask for.
#pragma once

#include "run/attendant.hpp"
#include "run/run_input.hpp"
#include "run/run_ordered_reporter.hpp"
#include "run/run_progress_poller.hpp"
#include "run/run_submitter.hpp"
#include "run/run_writers.hpp"

#include "spindle/client.hpp"

#include <chrono>
#include <functional>
#include <optional>
#include <string>

namespace spindle::tool {

/// Returns the settings of a queue that never refuses what an intake lets in,
/// since it is the intake that keeps to the limits.
settings queue_settings(settings x);

/// Decides what each line asks for: submits operations, spawns writers, and
/// answers control messages. Belongs to the thread that reads.
class intake {
public:
  // -- constructors, destructors, and assignment operators --------------------

  /// @param q should have what `queue_settings` returns.
  /// @param limits those of the queue.
  /// @param items takes what was let in, until it is reported.
  /// @param outcomes hears of what became of it.
  /// @param lines writes answers to control messages, and what is wrong with
  ///        lines.
  intake(const queue& q, const settings& limits, backlog& items,
         ordered_reporter& outcomes, reporter& lines);

  intake(const intake&) = delete;

  intake& operator=(const intake&) = delete;

  // -- lines ------------------------------------------------------------------

  /// What became of a line.
  enum class verdict : uint8_t {
    understood,
    not_understood,
    /// The line asks for the end of the session.
    shutdown,
  };

  /// Does what the line asks for, or reports that it is not understood.
  verdict on_line(const input_line& line);

  // -- the end ----------------------------------------------------------------

  /// Returns the control message that ended the session, if one did.
  const std::optional<shutdown_request>& shutdown_asked() const {
    return shutdown_;
  }

  /// Calls `fun` in a thread of the intake, when all operations are sent that
  /// it has let in. Any thread may call.
  void when_sent(std::function<void()> fun) {
    submitter_.after_those(std::move(fun));
  }

  /// Lets all writers go on that rest.
  void resume_writers();

  /// Ends the queue and waits for that; after `deadline`, operations that have
  /// not started are given up.
  caf::expected<shutdown_report>
  shut_down(std::optional<caf::timespan> deadline);

private:
  // -- operations and writers -------------------------------------------------

  /// Returns the number of a lane; null for the one without a name.
  session_lane find_lane(const std::string& name);

  /// @throws bad_request
  void submit(work what, size_t line_bytes);

  /// @throws bad_request
  void submit(background_request what, size_t line_bytes);

  /// Notes the ticket of an item, and watches it if its line says so, or
  /// reports that the queue refuses it.
  void on_answer(const backlog_item_ptr& item,
                 const caf::expected<ticket>& res);

  /// Returns what a writer is to be spawned for.
  /// @throws bad_request if it is chained to a writer that is not known.
  write_job make_job(const background_write& what) const;

  /// Returns what is to be read for a writer, if anything.
  std::optional<writer_source> make_source(const background_write& what,
                                           const write_job& job) const;

  // -- control messages -------------------------------------------------------

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

  // -- member variables -------------------------------------------------------

  std::chrono::steady_clock::time_point start_
    = std::chrono::steady_clock::now();
  settings limits_;
  backlog& items_;
  ordered_reporter& outcomes_;
  reporter& lines_;
  queue queue_;
  client client_;
  /// Talks to writers.
  cafx::scoped_actor self_;
  writer_book writers_;
  session_lanes lanes_;
  std::optional<shutdown_request> shutdown_;
  progress_poller poller_;
  /// Last, since it calls the intake as long as it is there.
  submitter submitter_;
};

} // namespace spindle::tool
