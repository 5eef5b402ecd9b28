// The messages that a queue understands.
#pragma once

#include "spindle/message/oplist.hpp"
#include "spindle/message/status.hpp"
#include "spindle/message/writing.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace spindle {

// -- control messages ---------------------------------------------------------

/// Cancels an operation or oplist. One that has not started is dropped. One
/// that has started ends at the next place where it can rest and tidies up as
/// if it had failed there; its result says how far it was, or that it was done
/// by then. The response is false if it is done already or was never admitted.
struct cancel {
  spindle::ticket ticket{};

  static constexpr const char* type_name = "cancel";
  static constexpr auto fields = std::tuple{field{"ticket", &cancel::ticket}};
};

/// Requests the progress of an operation or oplist that was submitted with a
/// callback. Fails with `errc::not_found` if it is done or was never admitted.
struct get_progress {
  spindle::ticket ticket{};

  static constexpr const char* type_name = "get_progress";
  static constexpr auto fields
    = std::tuple{field{"ticket", &get_progress::ticket}};
};

/// Progress of an operation or oplist. Numbers never decrease; those of an
/// oplist are sums over its operations. Copies, moves to other devices,
/// removals of trees, checksums and walks update them as they go, other
/// operations when they are done.
struct operation_progress {
  spindle::ticket ticket{};
  /// Name of the operation, or "oplist".
  std::string operation{};
  /// Whether a disk actor has begun with it.
  bool started = false;
  /// Bytes copied or read.
  uint64_t bytes = 0;
  /// What `bytes` will be in the end; known for single files only.
  std::optional<uint64_t> total_bytes{};
  /// Entries of directories copied, removed or listed. An entry that is moved
  /// to another device counts twice: it is copied, and then removed.
  uint64_t entries = 0;
  /// The entry at work; updated at most ten times a second.
  std::string path{};

  bool operator==(const operation_progress&) const = default;

  static constexpr const char* type_name = "operation_progress";
  static constexpr auto fields = std::tuple{
    field{"ticket", &operation_progress::ticket},
    field{"operation", &operation_progress::operation},
    field{"started", &operation_progress::started},
    field{"bytes", &operation_progress::bytes},
    field{"total_bytes", &operation_progress::total_bytes},
    field{"entries", &operation_progress::entries},
    field{"path", &operation_progress::path},
  };
};

/// Messages that a receiver of the progress of operations understands.
struct operation_progress_trait {
  using signatures = cafx::type_list<
    // How far an operation or oplist is.
    caf::result<void>(operation_progress)>;
};

/// Receives the progress of operations (`queue::watch`). May live on any node.
using operation_progress_receiver = cafx::typed_actor<operation_progress_trait>;

/// Ends a queue: it refuses new operations, finishes those admitted, delivers
/// all results, and ends its actors. The response comes last.
struct shutdown {
  /// After this time, the queue drops what has not started, stops what has, and
  /// lists it in the response.
  std::optional<caf::timespan> deadline{};

  /// Returns whether there is no time to finish anything.
  bool at_once() const noexcept {
    return deadline && *deadline <= caf::timespan::zero();
  }

  static constexpr const char* type_name = "shutdown";
  static constexpr auto fields
    = std::tuple{field{"deadline", &shutdown::deadline}};
};

/// An operation, oplist or writer that was not done before the deadline of a
/// shutdown.
struct undone {
  spindle::ticket ticket{};
  /// Name of the operation, "oplist", or "background_write".
  std::string operation{};
  /// Its path; empty for an oplist.
  std::string path{};
  /// Whether a disk actor had begun with it: it may be done in part, or get
  /// done after the response.
  bool started = false;

  bool operator==(const undone&) const = default;

  static constexpr const char* type_name = "undone";
  static constexpr auto fields = std::tuple{
    field{"ticket", &undone::ticket},
    field{"operation", &undone::operation},
    field{"path", &undone::path},
    field{"started", &undone::started},
  };
};

/// The response to `shutdown`.
struct shutdown_report {
  queue_status totals{};
  /// Empty unless the deadline passed.
  std::vector<spindle::undone> undone{};

  static constexpr const char* type_name = "shutdown_report";
  static constexpr auto fields = std::tuple{
    field{"totals", &shutdown_report::totals},
    field{"undone", &shutdown_report::undone},
  };
};

// -- the supervisor -----------------------------------------------------------

/// The result of an operation as a handler of CAF returns it.
template <class Op>
using result_of
  = std::conditional_t<std::is_same_v<typename Op::output, done>,
                       caf::result<void>, caf::result<typename Op::output>>;

namespace detail {

/// Adds messages to an interface.
template <class Public, class... More>
struct extend;

template <class... Public, class... More>
struct extend<cafx::type_list<Public...>, More...> {
  using type = cafx::type_list<Public..., More...>;
};

template <class Operations>
struct supervisor_signatures;

template <class... Ops>
struct supervisor_signatures<std::variant<Ops...>> {
  using type = cafx::type_list<
    // Executes an operation and returns its output.
    result_of<Ops>(Ops)...,
    // Returns a ticket at once; the callback gets the outcome.
    caf::result<ticket>(Ops, callback)...,
    // Executes an oplist and returns its report.
    caf::result<oplist_report>(oplist),
    // Returns a ticket at once; the callback gets the report.
    caf::result<ticket>(oplist, list_callback),
    // Drops or stops an operation or oplist.
    caf::result<bool>(cancel),
    // Returns the progress of an operation or oplist.
    caf::result<operation_progress>(get_progress),
    // Spawns a writer. If the job is invalid, the writer fails.
    caf::result<writer_actor>(write_job),
    // Returns the status of a writer, or its last one if it ended recently.
    caf::result<writer_status>(recall_writer),
    // Replaces all profiles, also those of writers, or none of them.
    caf::result<void>(set_profiles),
    // Returns all profiles.
    caf::result<profile_list>(get_profiles),
    // Returns the status of the queue.
    caf::result<queue_status>(get_status),
    // Ends the queue.
    caf::result<shutdown_report>(shutdown)>;
};

} // namespace detail

/// Messages that a supervisor understands. An operation or oplist that is not
/// admitted fails with `errc::queue_full`, `errc::limit_exceeded` or
/// `errc::shut_down`.
struct supervisor_trait {
  using signatures = detail::supervisor_signatures<operation>::type;
};

/// Receives the requests for a queue, local or remote.
using supervisor_actor = cafx::typed_actor<supervisor_trait>;

} // namespace spindle
