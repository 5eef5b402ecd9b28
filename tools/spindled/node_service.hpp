// A node as a service: offers what a configuration says until it is told to
// end.
#pragma once

#include "cli/disk_system.hpp"
#include "spindled/node_log.hpp"

#include "spindle/config/configuration.hpp"
#include "spindle/fs/posix/rooted_vfs.hpp"
#include "spindle/node/event_limiter.hpp"
#include "spindle/serve.hpp"

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace spindle::tool {

/// Returns what holds for the queue of each volume, but for its disk.
settings settings_of_volumes(const config::configuration& from);

/// The node of `spindled`. Belongs to one thread; there may be one at a time.
/// When its gateway or the queue of a volume dies, it ends the process with
/// `exit_failed`: a service manager that starts it anew is of more use than a
/// node that refuses everything.
class node_service {
public:
  /// @param all must have volumes.
  explicit node_service(config::configuration all);

  ~node_service();

  /// Opens the volumes, removes what a crash has left in them, and listens.
  /// @returns why that cannot be, if it cannot.
  std::optional<std::string> start();

  /// Returns where it listens: "ADDRESS:PORT".
  std::string address() const;

  /// Lets limits, profiles, settings of queues and the level of the log hold
  /// that another configuration has, and opens the roots of all volumes anew.
  /// @returns which of its keys only take effect after a restart.
  std::vector<std::string> reload(const config::configuration& other);

  /// Refuses requests, waits for what was admitted, but no longer than the
  /// configuration says, and ends.
  /// @returns whether all of it was done.
  bool stop();

  /// Logs an event of the node, and ends the process if it cannot go on. Any
  /// thread may call.
  void on_event(const node_event& x);

  node_log& log() {
    return log_;
  }

private:
  std::optional<std::string> open(const config::volume_section& from,
                                  std::vector<served_volume>& to);

  struct offered {
    config::volume_section what;
    std::shared_ptr<fs::rooted_vfs> disk;
  };

  /// Offers what is at the root of a volume now.
  void open_anew(const offered& volume);

  void sweep(const config::volume_section& what, fs::vfs& disk);

  /// Logs that an actor dropped a message.
  void on_unexpected(std::string_view actor);

  /// Logs what a volume did not get done.
  void log_undone(const std::string& volume, const std::vector<undone>& what);

  config::configuration all_;
  node_log log_;
  /// Any actor may drop messages.
  std::mutex unexpected_mutex_;
  event_limiter unexpected_;
  tool_config config_;
  std::optional<caf::actor_system> system_;
  std::vector<served_volume> volumes_;
  /// What is behind the volumes.
  std::vector<offered> disks_;
  std::optional<node> node_;
};

} // namespace spindle::tool
