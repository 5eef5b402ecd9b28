// A node as a service: offers the volumes of a configuration until it is
// stopped.
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

/// Returns the settings for the queue of each volume, without its disk.
settings settings_of_volumes(const config::configuration& from);

/// The node of `spindled`. Must be used by one thread only, unless a member
/// says otherwise; only one may exist at a time. When its gateway or the queue
/// of a volume terminates unexpectedly, it ends the process with `exit_failed`,
/// so that the service manager restarts it.
class node_service {
public:
  /// @param all a configuration with at least one volume.
  explicit node_service(config::configuration all);

  ~node_service();

  /// Opens the volumes, removes temporary files of crashed processes, and
  /// starts to listen.
  /// @returns why that failed, or nothing.
  std::optional<std::string> start();

  /// Returns "ADDRESS:PORT" of the listener.
  std::string address() const;

  /// Applies the limits, profiles, settings of queues and log level of another
  /// configuration, and reopens the roots of all volumes.
  /// @returns the changed keys that take effect only after a restart.
  std::vector<std::string> reload(const config::configuration& other);

  /// Refuses new requests, waits for the admitted ones up to the timeout
  /// `node.drain_timeout`, and ends.
  /// @returns whether all admitted requests were completed.
  bool stop();

  /// Logs an event of the node, and ends the process if it is fatal.
  /// Thread-safe.
  void on_event(const node_event& x);

  node_log& log() {
    return log_;
  }

private:
  std::optional<std::string> open(const config::volume_section& from,
                                  std::vector<served_volume>& to);

  /// Logs what waits for the device of a volume.
  void log_engine(const served_volume& volume);

  struct offered {
    config::volume_section what;
    std::shared_ptr<fs::rooted_vfs> disk;
  };

  /// Reopens the root of a volume, in case another directory is there now.
  void open_anew(const offered& volume);

  void sweep(const config::volume_section& what, fs::vfs& disk);

  /// Logs that an actor dropped a message.
  void on_unexpected(std::string_view actor);

  /// Logs the operations that a volume did not complete.
  void log_undone(const std::string& volume, const std::vector<undone>& what);

  config::configuration all_;
  node_log log_;
  /// Guards `unexpected_`, since actors drop messages in several threads.
  std::mutex unexpected_mutex_;
  event_limiter unexpected_;
  tool_config config_;
  std::optional<caf::actor_system> system_;
  std::vector<served_volume> volumes_;
  /// The disks of the volumes.
  std::vector<offered> disks_;
  std::optional<node> node_;
};

} // namespace spindle::tool
