// An actor that sends messages which are no requests.
#pragma once

#include "cafx/cafx.hpp"
#include "spindle/message/interfaces.hpp"

#include <cstdint>
#include <functional>
#include <utility>

namespace spindle::test {

/// Messages that a plain sender understands. CAF requires an actor to have a
/// handler for each response to what it sends.
struct plain_sender_trait {
  using signatures = cafx::type_list<
    caf::result<void>(buffer), caf::result<void>(ticket),
    caf::result<void>(oplist_report), caf::result<void>(operation_progress),
    caf::result<void>(writer_status), caf::result<void>(uint64_t)>;
};
using plain_sender = cafx::typed_actor<plain_sender_trait>;
using plain_sender_self = cafx::self_ptr<plain_sender>;

/// Calls a function of the test at first, and ignores responses. Like any actor
/// that does not say otherwise, it ends if it gets an error.
class plain_sender_state {
public:
  plain_sender_state(plain_sender_self self,
                     std::function<void(plain_sender_self)> fun)
      : self_(self), fun_(std::move(fun)) {}

  plain_sender::behavior_type make_behavior() {
    fun_(self_);
    return {
      [](const buffer&) -> caf::result<void> { return caf::unit; },
      [](ticket) -> caf::result<void> { return caf::unit; },
      [](const oplist_report&) -> caf::result<void> { return caf::unit; },
      [](const operation_progress&) -> caf::result<void> { return caf::unit; },
      [](const writer_status&) -> caf::result<void> { return caf::unit; },
      [](uint64_t) -> caf::result<void> { return caf::unit; },
    };
  }

private:
  plain_sender_self self_;
  std::function<void(plain_sender_self)> fun_;
};

/// Spawns an actor that calls `fun`, which may send with the argument.
inline plain_sender
spawn_plain_sender(caf::actor_system& sys,
                   std::function<void(plain_sender_self)> fun) {
  return sys.spawn<cafx::actor_of<plain_sender_state>>(std::move(fun));
}

} // namespace spindle::test
