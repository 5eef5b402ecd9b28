// The way to a node: one call gives an application the disk of another.
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
  /// Whether to use TLS; see node/module.hpp for the certificates.
  bool tls = false;
};

/// Returns "HOST:PORT".
SPINDLE_EXPORT std::string to_string(const node_address& x);

/// How long a connection waits.
struct patience {
  /// Until it is made.
  caf::timespan connect = std::chrono::seconds{10};
  /// Between two looks whether the node is still there.
  caf::timespan idle = std::chrono::seconds{5};
  /// For the node to answer such a look; then the connection is lost.
  caf::timespan ping = std::chrono::seconds{15};
};

/// What a connection does with a request that comes after it has broken.
enum class after_loss {
  /// It connects again.
  reconnect,
  /// It fails the request with `errc::node_lost`, until somebody asks it to
  /// connect again. So nothing is done that was asked for behind something
  /// that was lost, before whoever asked has heard of the loss.
  fail,
};

/// The queues of a node, as one queue whose paths are "VOLUME:path". Everything
/// that can be done with a queue of this process can be done with it, except
/// for `apply`. What is under way when the connection breaks fails with
/// `errc::node_lost`; what comes then, `after_loss` says. Any thread may use
/// it.
class SPINDLE_EXPORT remote_queue : public queue {
public:
  /// Returns the connection, with the messages of a queue and its own.
  const connection_actor& connection() const {
    return connection_;
  }

  /// Returns which volumes there are, as of when it was made.
  const std::vector<volume_info>& volumes() const {
    return volumes_;
  }

  /// Connects again if the connection has broken. Blocks.
  /// @returns `errc::node_lost` if that cannot be.
  caf::expected<void> reconnect() const;

  /// Has an operation done exactly once, although the connection may break:
  /// repeats the request until it is answered. Blocks.
  /// @param patience how long it goes on; then `errc::node_lost`, and it is not
  ///                 known whether the operation was done.
  template <class Op>
  caf::expected<typename Op::output>
  run_once(Op op, caf::timespan patience = std::chrono::minutes{1}) const {
    auto res = run_operation_once(std::move(op), patience);
    if (!res)
      return std::move(res.error());
    return std::get<typename Op::output>(std::move(*res));
  }

private:
  remote_queue(caf::actor_system& sys, node_address where,
               connection_actor connection, std::vector<volume_info> volumes);

  caf::expected<output> run_operation_once(operation op,
                                           caf::timespan patience) const;

  friend SPINDLE_EXPORT caf::expected<remote_queue>
  connect(caf::actor_system&, const node_address&, const patience&, after_loss);

  node_address where_;
  connection_actor connection_;
  std::vector<volume_info> volumes_;
};

/// Connects to a node. Blocks.
/// @param sys needs what node/module.hpp offers.
/// @param how what becomes of requests after the connection has broken.
/// @returns `errc::node_lost` if there is no node, or it does not let us in.
/// @throws std::logic_error if `sys` does not know the types of Spindle.
SPINDLE_EXPORT caf::expected<remote_queue>
connect(caf::actor_system& sys, const node_address& where,
        const patience& waits = {}, after_loss how = after_loss::reconnect);

} // namespace spindle
