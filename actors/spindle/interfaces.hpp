// The messages that a queue understands.
#pragma once

#include "spindle/oplist.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace spindle {

// -- control messages ---------------------------------------------------------

/// Asks that an operation or oplist be dropped. Answers whether it was: false
/// if it has started, is done, or was never admitted.
struct cancel {
  spindle::ticket ticket{};

  static constexpr const char* type_name = "cancel";
  static constexpr auto fields = std::tuple{field{"ticket", &cancel::ticket}};
};

/// Asks what a queue is doing and has done.
struct get_status {
  static constexpr const char* type_name = "get_status";
  static constexpr auto fields = std::tuple{};
};

/// Ends a queue: it refuses new operations, finishes those admitted, delivers
/// all results, ends its actors, and then answers.
struct shutdown {
  /// After this time the queue gives up what has not started and says so.
  std::optional<caf::timespan> deadline{};

  static constexpr const char* type_name = "shutdown";
  static constexpr auto fields
    = std::tuple{field{"deadline", &shutdown::deadline}};
};

/// How often an operation was done.
struct operation_count {
  /// Name of the operation, for instance "file_read".
  std::string operation{};
  uint64_t succeeded = 0;
  uint64_t failed = 0;

  bool operator==(const operation_count&) const = default;

  static constexpr const char* type_name = "operation_count";
  static constexpr auto fields = std::tuple{
    field{"operation", &operation_count::operation},
    field{"succeeded", &operation_count::succeeded},
    field{"failed", &operation_count::failed},
  };
};

/// What a queue is doing and has done. Operations of oplists count one by one.
struct queue_status {
  /// Operations that wait.
  uint64_t pending = 0;
  /// Operations that are with a disk actor.
  uint64_t running = 0;
  /// Operations that were done, but whose result is not delivered yet.
  uint64_t delivering = 0;
  /// Bytes that operations not delivered carry.
  uint64_t pending_bytes = 0;
  /// Operations done, failures included.
  uint64_t succeeded = 0;
  uint64_t failed = 0;
  /// Operations of each kind that were done at least once.
  std::vector<operation_count> operations{};
  /// Bytes of operations done.
  uint64_t bytes_written = 0;
  uint64_t bytes_read = 0;
  /// Units executed.
  uint64_t units = 0;
  /// Operations in a unit, on average.
  double mean_unit = 0;
  /// Turns passed on by each of the two disk actors (and those before them).
  std::vector<uint64_t> turns{};
  /// The most operations that were ever in the queue at once.
  uint64_t high_water = 0;
  /// Functions given as callbacks that threw an exception.
  uint64_t callbacks_threw = 0;
  /// Disk actors that died and were replaced.
  uint64_t disk_actors_replaced = 0;

  static constexpr const char* type_name = "queue_status";
  static constexpr auto fields = std::tuple{
    field{"pending", &queue_status::pending},
    field{"running", &queue_status::running},
    field{"delivering", &queue_status::delivering},
    field{"pending_bytes", &queue_status::pending_bytes},
    field{"succeeded", &queue_status::succeeded},
    field{"failed", &queue_status::failed},
    field{"operations", &queue_status::operations},
    field{"bytes_written", &queue_status::bytes_written},
    field{"bytes_read", &queue_status::bytes_read},
    field{"units", &queue_status::units},
    field{"mean_unit", &queue_status::mean_unit},
    field{"turns", &queue_status::turns},
    field{"high_water", &queue_status::high_water},
    field{"callbacks_threw", &queue_status::callbacks_threw},
    field{"disk_actors_replaced", &queue_status::disk_actors_replaced},
  };
};

/// An operation or oplist that a queue gave up.
struct undone {
  spindle::ticket ticket{};
  /// Name of the operation, or "oplist".
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
