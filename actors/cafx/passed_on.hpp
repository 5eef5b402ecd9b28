// Waits until CAF has put messages into the buffers of connections.
#pragma once

#include "cafx/cafx.hpp"

#include <cstdint>
#include <string>
#include <utility>

#include <caf/io/basp_broker.hpp>
#include <caf/io/middleman.hpp>

namespace cafx {

/// Calls `fun` in `self` when CAF has put all messages that `self` has sent to
/// other nodes so far into the buffers of their connections, or dropped them.
template <class Self, class Fun>
void when_passed_on(Self* self, Fun fun) {
  // CAF's BASP broker handles messages to other nodes in order, so it answers
  // this request after them.
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
