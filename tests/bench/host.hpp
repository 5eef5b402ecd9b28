// A queue in an actor system of its own.
#pragma once

#include "options.hpp"

#include "spindle/queue.hpp"

namespace bench {

/// Returns the settings of a queue as the options have them.
spindle::settings settings_of(const options& opts);

/// Sets the scheduler in the configuration of an actor system.
/// @throws std::runtime_error if CAF does not know the policy.
void configure(caf::actor_system_config& cfg, const scheduling& how);

/// An actor system with a queue in it; ends both when destroyed.
class host {
public:
  explicit host(const scheduling& how, const spindle::settings& bounds = {});

  caf::actor_system& system() {
    return sys_;
  }

  const spindle::queue& queue() const {
    return queue_;
  }

private:
  struct config : spindle::configured<caf::actor_system_config> {
    explicit config(const scheduling& how);
  };

  config cfg_;
  caf::actor_system sys_;
  spindle::queue queue_;
};

} // namespace bench
