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

/// Asks that an operation or oplist be dropped, or stopped if it is at the
/// disk: then it ends where nothing is half-done, and its answer says how far
/// it was, or that it was done all the same. Answers false if it is done
/// already, or was never admitted.
struct cancel {
  spindle::ticket ticket{};

  static constexpr const char* type_name = "cancel";
  static constexpr auto fields = std::tuple{field{"ticket", &cancel::ticket}};
};

/// Asks how far an operation or oplist is that was submitted with a callback:
/// its ticket names it. Answers `errc::not_found` if it is done, or was never
/// admitted.
struct get_progress {
  spindle::ticket ticket{};

  static constexpr const char* type_name = "get_progress";
  static constexpr auto fields
    = std::tuple{field{"ticket", &get_progress::ticket}};
};

/// How far an operation or oplist is. The numbers never fall; those of an
/// oplist are sums. Copies, moves to other devices, removals of trees,
/// checksums and walks tell while they are at the disk, others when they are
/// done.
struct operation_progress {
  spindle::ticket ticket{};
  /// Name of the operation, or "oplist".
  std::string operation{};
  /// Whether a disk actor has begun with it.
  bool started = false;
  /// Bytes copied or read.
  uint64_t bytes = 0;
  /// How many there will be, if that is known: of single files.
  std::optional<uint64_t> total_bytes{};
  /// Entries of directories copied, removed or listed; one that is moved to
  /// another device is copied, and then removed.
  uint64_t entries = 0;
  /// What is being done, noted ten times a second at most.
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
/// all results, ends its actors, and then answers.
struct shutdown {
  /// After this time the queue gives up what has not started and says so.
  std::optional<caf::timespan> deadline{};

  static constexpr const char* type_name = "shutdown";
  static constexpr auto fields
    = std::tuple{field{"deadline", &shutdown::deadline}};
};

/// An operation or oplist that a queue gave up.
struct undone {
  spindle::ticket ticket{};
  /// Name of the operation, "oplist", or "background_write".
  std::string operation{};
  /// Its path; empty for an oplist.
  std::string path{};
  /// Whether a disk actor had it, so that it may be done in part, or even get
  /// done after the answer.
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

/// The last words of a queue.
struct shutdown_report {
  queue_status totals{};
  /// Empty unless a deadline passed.
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

/// The messages of an interface, and more.
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
    // Each operation answers with its own output.
    result_of<Ops>(Ops)...,
    // The same with a callback answers at once with a ticket.
    caf::result<ticket>(Ops, callback)...,
    // An oplist answers with a report when all of it is done.
    caf::result<oplist_report>(oplist),
    // The same with a callback answers at once with a ticket.
    caf::result<ticket>(oplist, list_callback),
    // Drops an operation or oplist that has not started.
    caf::result<bool>(cancel),
    // Says how far an operation or oplist is.
    caf::result<operation_progress>(get_progress),
    // Spawns a writer. Whatever is wrong with the job, the writer tells.
    caf::result<writer_actor>(write_job),
    // Says how a writer is doing, or how it ended if that is not too long ago.
    caf::result<writer_status>(recall_writer),
    // Replaces all profiles, also those of writers, or none of them.
    caf::result<void>(set_profiles),
    // Says which profiles there are.
    caf::result<profile_list>(get_profiles),
    // Says what the queue is doing.
    caf::result<queue_status>(get_status),
    // Ends the queue.
    caf::result<shutdown_report>(shutdown)>;
};

} // namespace detail

/// Messages that a supervisor understands. All of them fail with
/// `errc::queue_full`, `errc::limit_exceeded` or `errc::shut_down` if they are
/// not admitted.
struct supervisor_trait {
  using signatures = detail::supervisor_signatures<operation>::type;
};

/// The way into a queue, local or remote.
using supervisor_actor = cafx::typed_actor<supervisor_trait>;

} // namespace spindle
