// A node that serves one directory, and a client that is connected to it.
#pragma once

#include "host.hpp"

#include "spindle/connect.hpp"
#include "spindle/serve.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace bench {

/// Opens a directory as the file system of a volume.
/// @throws std::runtime_error if that fails.
spindle::fs::vfs_ptr open_volume(const std::string& directory);

/// A node and a client in one process. Each has an actor system of its own, and
/// they talk through TCP. When it is destroyed, both end.
class loopback_node {
public:
  /// What paths of the client begin with.
  static constexpr std::string_view prefix = "data:";

  /// @throws std::runtime_error if the directory cannot be served.
  loopback_node(const options& opts, const std::string& directory);

  loopback_node(const loopback_node&) = delete;

  loopback_node& operator=(const loopback_node&) = delete;

  /// Returns the actor system of the node.
  caf::actor_system& server() {
    return server_;
  }

  /// Returns the actor system of the client.
  caf::actor_system& client() {
    return client_;
  }

  /// Returns the queue of the volume, for use inside the node. Paths are
  /// relative to the directory.
  const spindle::queue& local() const {
    return *local_;
  }

  /// Returns the connection of the client.
  const spindle::queue& remote() const {
    return *remote_;
  }

private:
  struct config : spindle::networked<> {
    explicit config(const scheduling& how) {
      configure(*this, how);
    }
  };

  config server_config_;
  caf::actor_system server_{server_config_};
  std::optional<spindle::queue> local_;
  std::optional<spindle::node> node_;
  config client_config_;
  caf::actor_system client_{client_config_};
  std::optional<spindle::remote_queue> remote_;
};

} // namespace bench
