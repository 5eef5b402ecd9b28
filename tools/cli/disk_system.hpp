// The actor system of a command, and the queue that it works with.
#pragma once

#include "cli/connect_option.hpp"

#include "spindle/connect.hpp"

#include <memory>
#include <optional>

namespace spindle::tool {

/// What the programs have in common: a scheduler that leaves the processors to
/// those who move data.
class tool_config : public networked<> {
public:
  tool_config();
};

/// An actor system, for one command.
class disk_system {
public:
  /// @returns null after telling stderr what is wrong with the options.
  static std::unique_ptr<disk_system> make(const connect_options& options);

  caf::actor_system& system() {
    return *system_;
  }

  /// Returns a queue of this process, or a connection to a node if the options
  /// say so; none after telling stderr why there is no connection.
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
