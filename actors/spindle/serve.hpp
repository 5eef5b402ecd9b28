// Offers directories of this machine to other nodes.
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

/// The best `settings::bytes_per_turn` for a volume: whoever is far away waits
/// for a large answer itself, and not for the end of a long turn.
inline constexpr uint64_t bytes_per_turn_of_volumes = uint64_t{1} << 20;

// -- what a node is made of ---------------------------------------------------

/// A directory that a node offers.
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

/// Something that happened at a node and that its owner may want to know.
struct node_event {
  /// What happened, for instance "refused". After "died", the node does not
  /// work any more: its gateway or the queue of a volume has ended.
  std::string name;
  /// What else there is to say. Never what clients write or read.
  std::vector<std::pair<std::string, std::string>> details;
};

/// Takes events; called in threads of the node, also in several at once, so it
/// must not block.
using node_observer = std::function<void(const node_event&)>;

// -- the node -----------------------------------------------------------------

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

  /// Lets other limits hold from now on, but for those of connections.
  void apply(const node_limits& limits) const;

  /// Refuses requests from now on. Blocks until that is so.
  void close() const;

private:
  caf::actor_system* sys_;
  node_actor gateway_;
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
