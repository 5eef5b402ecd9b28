// A queue in an actor system of its own.
#pragma once

#include "spindle/queue.hpp"

#include <string>

namespace bench {

/// An actor system with a queue in it; ends both when destroyed.
class host {
public:
  /// @param policy of the scheduler of CAF: "stealing" or "sharing".
  explicit host(const std::string& policy,
                const spindle::settings& bounds = {});

  caf::actor_system& system() {
    return sys_;
  }

  const spindle::queue& queue() const {
    return queue_;
  }

private:
  struct config : spindle::configured<caf::actor_system_config> {
    explicit config(const std::string& policy);
  };

  config cfg_;
  caf::actor_system sys_;
  spindle::queue queue_;
};

} // namespace bench
