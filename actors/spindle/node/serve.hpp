// Offers directories of this machine to other nodes.
#pragma once

#include "spindle/export.hpp"
#include "spindle/node/gateway.hpp"
#include "spindle/node/module.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace spindle {

/// The best `settings::bytes_per_turn` for a volume: whoever is far away waits
/// for a large answer itself, and not for the end of a long turn.
inline constexpr uint64_t bytes_per_turn_of_volumes = uint64_t{1} << 20;

/// Where a node listens, and to whom.
struct listen_settings {
  /// In numbers, or a name, which stands for its first address in IPv4.
  std::string address = "127.0.0.1";
  /// 0 for any port that is free.
  uint16_t port = 0;
  /// Whether clients must show a certificate. Without, only this machine is
  /// listened to.
  bool tls = false;
};

/// A node that is at work. When it is destroyed, it stops to listen, and waits
/// up to a second for clients to read what they were told; to let requests
/// finish, call `close`, and then shut the queues down.
class SPINDLE_EXPORT node {
public:
  node(caf::actor_system& sys, gateway_actor gateway, uint16_t port);

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

  /// Lets other limits hold from now on, but for those of connections.
  void apply(const node_limits& limits) const;

  /// Refuses requests from now on. Blocks until that is so.
  void close() const;

private:
  caf::actor_system* sys_;
  gateway_actor gateway_;
  uint16_t port_;
};

/// Begins to offer `volumes`. Blocks until the node listens.
/// @param sys needs what node/module.hpp offers.
/// @returns `errc::invalid_argument` if a volume has a bad name, or the address
///          is one that others reach and there is no TLS; `errc::not_found` if
///          the address is a name that nobody knows; `errc::busy` if another
///          program listens there; what the system says otherwise.
SPINDLE_EXPORT caf::expected<node> serve(caf::actor_system& sys,
                                         std::vector<served_volume> volumes,
                                         const listen_settings& where,
                                         const node_limits& limits = {},
                                         node_observer observer = {});

} // namespace spindle
