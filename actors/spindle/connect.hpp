// Connects to a node: one call gives an application the disk of another
// machine.
#pragma once

#include "spindle/export.hpp"
#include "spindle/init_networked.hpp"
#include "spindle/queue.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace spindle {

/// Where a node listens.
struct node_address {
  std::string host = "127.0.0.1";
  uint16_t port = 0;
  /// Whether to use TLS; see `networked::use_tls` for the certificates.
  bool tls = false;
};

/// Returns "HOST:PORT".
SPINDLE_EXPORT std::string to_string(const node_address& x);

/// The timeouts of a connection.
struct timeouts {
  /// For connecting.
  caf::timespan connect = std::chrono::seconds{10};
  /// From the response to a ping until the next ping.
  caf::timespan idle = std::chrono::seconds{5};
  /// For the response to a ping; then the connection is lost.
  caf::timespan ping = std::chrono::seconds{15};
};

/// What a connection does with the next request after it has broken.
enum class after_loss {
  /// It connects again.
  reconnect,
  /// It fails all requests with `errc::node_lost` until
  /// `remote_queue::reconnect` is called. So a request that was sent after a
  /// lost one is not done before its sender knows of the loss.
  fail,
};

/// The queues of a node, as one queue whose paths are "VOLUME:path". It does
/// what a queue of this process does, but only the owner of the node configures
/// and ends it:
/// - `apply` throws, and `set_profiles` fails with `errc::permission_denied`.
/// - `shutdown` and `close` end the connection, not the node.
/// - A `write_job` needs a path: a descriptor does not travel
///   (`errc::invalid_argument`).
/// - The node ignores the weight of an `in_lane`, and all `writer_terms` but
///   `after`.
///
/// Requests that are pending when the connection breaks fail with
/// `errc::node_lost`; later ones are treated as `after_loss` says. Thread-safe.
class SPINDLE_EXPORT remote_queue : public queue {
public:
  /// Returns the connection, with the messages of a queue and its own.
  const connection_actor& connection() const {
    return connection_;
  }

  /// Returns the volumes that the node had when `connect` returned.
  const std::vector<volume_info>& volumes() const {
    return volumes_;
  }

  /// Connects again if the connection has broken. Blocks.
  /// @returns `errc::node_lost` if the node cannot be reached.
  caf::expected<void> reconnect() const;

  /// Has an operation done exactly once, even if the connection breaks: repeats
  /// the request until there is a response. Blocks.
  /// @returns `errc::node_lost` after the timeout; then it is not known whether
  ///          the operation was done.
  template <class Op>
  caf::expected<typename Op::output>
  run_once(Op op, caf::timespan timeout = std::chrono::minutes{1}) const {
    auto res = run_operation_once(std::move(op), timeout);
    if (!res)
      return std::move(res.error());
    return std::get<typename Op::output>(std::move(*res));
  }

private:
  remote_queue(caf::actor_system& sys, node_address where,
               connection_actor connection, std::vector<volume_info> volumes);

  caf::expected<output> run_operation_once(operation op,
                                           caf::timespan timeout) const;

  friend SPINDLE_EXPORT caf::expected<remote_queue>
  connect(caf::actor_system&, const node_address&, const timeouts&, after_loss);

  node_address where_;
  connection_actor connection_;
  std::vector<volume_info> volumes_;
};

/// Connects to a node. Blocks.
/// @param sys must be configured as in init_networked.hpp.
/// @returns `errc::node_lost` if there is no node, or why it does not let this
///          client in.
/// @throws std::logic_error if `sys` does not know the types of Spindle.
SPINDLE_EXPORT caf::expected<remote_queue>
connect(caf::actor_system& sys, const node_address& where,
        const timeouts& limits = {}, after_loss how = after_loss::reconnect);

} // namespace spindle
