// The actor system of a command, and its queue.
#pragma once

#include "cli/connect_option.hpp"

#include "spindle/connect.hpp"

#include <memory>
#include <optional>

namespace spindle::tool {

/// The configuration of all programs, with the scheduler that `tune_scheduler`
/// sets.
class tool_config : public networked<> {
public:
  tool_config();
};

/// An actor system, for one command.
class disk_system {
public:
  /// @returns null after writing to stderr what is wrong with the options.
  static std::unique_ptr<disk_system> make(const connect_options& options);

  caf::actor_system& system() {
    return *system_;
  }

  /// Spawns a queue in this process, or connects to the node that the options
  /// name.
  /// @returns nothing after writing to stderr why there is no connection.
  std::optional<queue> open(settings bounds,
                            after_loss how = after_loss::reconnect);

  /// Connects again to the node that was opened last, if there is one.
  caf::expected<void> reconnect() const;

private:
  explicit disk_system(connect_options options);

  connect_options options_;
  tool_config config_;
  std::optional<caf::actor_system> system_;
  std::optional<remote_queue> node_;
};

} // namespace spindle::tool
