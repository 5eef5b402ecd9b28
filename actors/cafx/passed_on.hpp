// Knowing when CAF has put messages into the buffers of connections.
#pragma once

#include "cafx/cafx.hpp"

#include <cstdint>
#include <string>
#include <utility>

#include <caf/io/basp_broker.hpp>
#include <caf/io/middleman.hpp>

namespace cafx {

/// Calls `fun` when CAF has put all that `self` has sent to other nodes before
/// into the buffers of their connections, or dropped it.
template <class Self, class Fun>
void when_passed_on(Self* self, Fun fun) {
  // One actor of CAF does that, in the order of the messages, and this is one
  // more.
#if CAFX_MODERN
  constexpr auto name = "BASP";
  constexpr auto question = caf::get_atom_v;
#else
  constexpr auto name = caf::atom("BASP");
  auto question = caf::get_atom::value;
#endif
  auto broker = caf::actor_cast<caf::actor>(
    self->system().middleman().template named_broker<caf::io::basp_broker>(
      name));
  self->mail(question, self->node())
    .request(broker, infinite)
    .then([fun](const caf::node_id&, const std::string&,
                uint16_t) mutable { fun(); },
          [fun](const caf::error&) mutable { fun(); });
}

} // namespace cafx
