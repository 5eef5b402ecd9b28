// The queue for code that is no actor.
#pragma once

#include "spindle/export.hpp"
#include "spindle/queue.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>
#include <variant>

namespace spindle {

/// Uses a queue from a plain thread. Each call blocks until it is answered or
/// its time is up (`errc::timed_out`; the operation may still be done). A
/// client belongs to one thread; make one for each.
class SPINDLE_EXPORT client {
public:
  // -- constructors, destructors, and assignment operators --------------------

  /// @param timeout for each call.
  explicit client(queue q, caf::timespan timeout = std::chrono::seconds{30});

  ~client();

  // -- blocking calls ---------------------------------------------------------

  /// Has an operation done and returns its output, or an error that wraps a
  /// `failure`.
  template <class Op>
  auto run(Op op) {
    return start(std::move(op))();
  }

  /// Asks for an operation and does not wait: what is returned is to be called
  /// once, waits, and returns the output, or the error, as `run` does. Any
  /// number may be under way, and be waited for in any order.
  template <class Op>
  auto start(Op op) {
    auto blame = operation{op};
    auto response
      = (*self_)->mail(std::move(op)).request(supervisor_, timeout_);
    return
      [blame = std::move(blame), response = std::move(response)]() mutable {
        auto res = std::move(response).receive();
        if (!res)
          res = explain(res.error(), name_of(blame), path_of(blame));
        return res;
      };
  }

  /// Has an operation done as `run(op)` does, and calls `on_progress` in this
  /// thread after each `interval` until then. An operation that takes less
  /// time than that has no progress. If `on_progress` throws, so does this
  /// call; the operation goes on.
  /// @throws std::invalid_argument if the interval is not greater than 0.
  template <class Op>
  auto run(Op op,
           const std::function<void(const operation_progress&)>& on_progress,
           caf::timespan interval = std::chrono::milliseconds{100}) {
    using result = decltype(run(std::move(op)));
    auto res = run_watched(std::move(op), on_progress, interval);
    if (!res)
      return result{std::move(res.error())};
    if constexpr (std::is_same_v<typename Op::output, done>)
      return result{};
    else
      return result{std::get<typename Op::output>(*std::move(res))};
  }

  /// Has an oplist done.
  caf::expected<oplist_report> run(oplist list);

  /// Drops an operation or oplist, or has it stopped; returns false if it was
  /// done already.
  caf::expected<bool> cancel(ticket which);

  /// Returns how far an operation or oplist is that was submitted;
  /// `errc::not_found` if it is done.
  caf::expected<operation_progress> progress(ticket which);

  /// Returns what the queue is doing and has done.
  caf::expected<queue_status> status();

  /// Ends the queue and waits for the end, however long it takes; after
  /// `deadline`, operations that have not started are given up.
  caf::expected<shutdown_report> shutdown(std::optional<caf::timespan> deadline
                                          = std::nullopt);

  // -- writers ----------------------------------------------------------------

  /// Spawns a writer. The queue hears of it before anything that this client
  /// says later: a shutdown lets it finish.
  /// @param terms by default, the writer comes after all that this client has
  ///              asked for.
  writer_actor write(write_job job, writer_terms terms = {});

  /// Waits for the end of a writer, however long it takes, and returns how it
  /// ended, or its error. A writer may have ended before.
  caf::expected<writer_status> wait(const writer_actor& writer);

  /// Returns how a writer is doing, or how it ended if that was of late.
  caf::expected<writer_status> status(const writer_actor& writer);

  // -- callbacks --------------------------------------------------------------

  /// Queues an operation and returns. `fun` gets the outcome, in the callback
  /// actor: it must not block for long, since it delays other results, but not
  /// the disk. If it throws, that is reported on stderr and counted.
  caf::expected<ticket> submit(operation op,
                               std::function<void(const outcome&)> fun);

  /// Queues an oplist and returns.
  caf::expected<ticket> submit(oplist list,
                               std::function<void(const oplist_report&)> fun);

private:
  caf::expected<output>
  run_watched(operation op,
              const std::function<void(const operation_progress&)>& on_progress,
              caf::timespan interval);

  /// Turns errors of CAF into failures with operation and path.
  static caf::error explain(caf::error why, std::string_view operation,
                            const std::string& path);

  /// Asks the queue about a writer that does not answer any more.
  caf::expected<writer_status> recall(const writer_actor& writer);

  template <class Result>
  static Result explained(Result res, std::string_view operation,
                          const std::string& path = {});

  queue queue_;
  supervisor_actor supervisor_;
  caf::timespan timeout_;
  std::unique_ptr<cafx::scoped_actor> self_;
};

} // namespace spindle
