// Serves directories of this machine to other nodes.
#pragma once

#include "spindle/export.hpp"
#include "spindle/init_networked.hpp"
#include "spindle/message/node_limits.hpp"
#include "spindle/queue.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace spindle {

/// The best `settings::bytes_per_turn` for a volume. Turns are short, because a
/// remote client waits longer for a large answer than for the next turn.
inline constexpr uint64_t bytes_per_turn_of_volumes = uint64_t{1} << 20;

// -- what a node is made of ---------------------------------------------------

/// A directory that a node serves.
struct served_volume {
  served_volume(volume_info what, queue confined)
      : info(std::move(what)), disk(std::move(confined)) {}

  volume_info info;
  /// Its queue, whose file system is confined to the directory.
  queue disk;
  /// Whether clients may set the set-user-ID, set-group-ID and sticky bits;
  /// dropped otherwise.
  bool special_permissions = false;
};

/// Something that happened at a node.
struct node_event {
  /// What happened, for instance "refused". After "died", the node does not
  /// work any more: its gateway or the queue of a volume has ended.
  std::string name;
  /// Names and values. They never contain what clients read or write.
  std::vector<std::pair<std::string, std::string>> details;
};

/// Receives events. Called in threads of the node, also in several at once, and
/// must not block.
using node_observer = std::function<void(const node_event&)>;

// -- the node -----------------------------------------------------------------

/// Where a node listens.
struct listen_settings {
  /// A numeric address, or a name, of which the first IPv4 address is used.
  std::string address = "127.0.0.1";
  /// 0 for any free port.
  uint16_t port = 0;
  /// Whether clients must show a certificate. Without TLS, the address must be
  /// a loopback address.
  bool tls = false;
};

/// A node that listens. Its destructor stops listening, and waits up to a
/// second for clients to read their answers. To let requests finish, first call
/// `close`, and then shut the queues down.
class SPINDLE_EXPORT node {
public:
  node(caf::actor_system& sys, node_actor gateway, uint16_t port);

  node(node&&) noexcept = default;

  node& operator=(node&&) noexcept = default;

  ~node();

  /// Returns the port that it listens at.
  uint16_t port() const {
    return port_;
  }

  /// Returns the actor that takes requests.
  node_actor gateway() const {
    return gateway_;
  }

  /// Applies other limits, except for those of connections.
  void apply(const node_limits& limits) const;

  /// Refuses requests from now on. Blocks until the gateway does.
  void close() const;

private:
  caf::actor_system* sys_;
  node_actor gateway_;
  uint16_t port_;
};

/// Serves `volumes`. Blocks until the node listens.
/// @param sys must be configured as in init_networked.hpp.
/// @returns `errc::invalid_argument` if the name of a volume is not valid, or
///          if other machines reach the address and there is no TLS;
///          `errc::not_found` if the name of the address is not known;
///          `errc::busy` if another program listens there; otherwise the error
///          of the system.
SPINDLE_EXPORT caf::expected<node> serve(caf::actor_system& sys,
                                         std::vector<served_volume> volumes,
                                         const listen_settings& where,
                                         const node_limits& limits = {},
                                         node_observer observer = {});

} // namespace spindle
