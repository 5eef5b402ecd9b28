// Actors that respond to a notification with an error or an exception.
#pragma once

#include "cafx/cafx.hpp"
#include "spindle/message/outcome.hpp"

#include <functional>
#include <stdexcept>
#include <utility>

namespace spindle::test {

/// Responds to each message with an error, or throws. `Handle` is the type of
/// the actor, `Told` that of its message.
template <class Handle, class Told>
class unwilling_state {
public:
  unwilling_state(cafx::self_ptr<Handle>, bool throws,
                  std::function<void()> on_told = nullptr)
      : throws_(throws), on_told_(std::move(on_told)) {}

  typename Handle::behavior_type make_behavior() {
    return {
      [this](const Told&) -> caf::result<void> {
        if (on_told_)
          on_told_();
        if (throws_)
          throw std::runtime_error{"thrown by the test"};
        return to_error({.code = errc::not_supported});
      },
    };
  }

private:
  bool throws_;
  std::function<void()> on_told_;
};

/// Spawns one.
template <class Handle, class Told, class... Ts>
Handle spawn_unwilling(caf::actor_system& sys, Ts&&... xs) {
  return sys.spawn<cafx::actor_of<unwilling_state<Handle, Told>>>(
    std::forward<Ts>(xs)...);
}

} // namespace spindle::test
