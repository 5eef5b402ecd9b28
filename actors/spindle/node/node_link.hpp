// The link of a connection to its node: connects, pings, and notices a loss.
#pragma once

#include "spindle/connect.hpp"
#include "spindle/export.hpp"
#include "spindle/message/internal/node.hpp"

#include <cstdint>
#include <functional>
#include <string>

namespace spindle {

/// The link of a connection to its node. Belongs to the actor of the
/// connection.
class SPINDLE_EXPORT node_link {
public:
  /// What the connection does when the link changes.
  struct handlers {
    std::function<void()> up;
    /// Also called if the link could not be made.
    std::function<void(const std::string& why)> lost;
  };

  node_link(cafx::self_ptr<connection_internal_actor> self, node_address where,
            timeouts limits, after_loss how, handlers on);

  /// Returns the node, null unless the link is up.
  const node_actor& node() const {
    return node_;
  }

  /// Returns what the node said last when it let this client in.
  const welcome& last_welcome() const {
    return welcome_;
  }

  const node_address& address() const {
    return where_;
  }

  /// Returns whether requests fail until somebody asks for a new link.
  bool is_broken() const {
    return is_broken_;
  }

  /// Lets requests connect again after a loss.
  void allow_reconnect() {
    is_broken_ = false;
  }

  /// Connects, unless that has begun. The link must not be up.
  void connect();

  /// Pings the node, unless the message concerns an earlier link.
  void on_ping_due(const ping_due& x);

  /// Gives the link up, and calls the handler for a loss.
  void lose(const std::string& why);

  /// Forgets the node without calling a handler.
  void drop();

private:
  void on_connected(const caf::strong_actor_ptr& whom);

  void on_welcome(const node_actor& node, const welcome& x);

  void schedule_ping();

  cafx::self_ptr<connection_internal_actor> self_;
  node_address where_;
  timeouts timeouts_;
  after_loss after_loss_;
  handlers on_;
  bool is_broken_ = false;
  bool is_connecting_ = false;
  node_actor node_;
  welcome welcome_;
  /// Counts links, so that what concerns an earlier one is told apart.
  uint64_t attempt_ = 0;
};

} // namespace spindle
