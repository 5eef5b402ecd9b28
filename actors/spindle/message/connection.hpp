// The way to a node: the actor that stands for it in the processes of clients.
#pragma once

#include "spindle/message/front.hpp"
#include "spindle/message/protocol.hpp"

namespace spindle {

/// Asks for the connection to be made, unless it is, and who is at its end.
struct reach_node {};

/// Asks for an id for a request that may have to be repeated.
struct next_request_id {};

/// Messages that a connection understands: those of a queue, and its own.
struct connection_trait {
  using signatures
    = detail::extend<front_trait::signatures,
                     // Does an operation once, however often it is asked to.
                     caf::result<answer>(request_id, operation),
                     // Does an oplist once, however often it is asked to.
                     caf::result<oplist_report>(request_id, oplist),
                     // Answers when connected.
                     caf::result<welcome>(reach_node),
                     // Answers when connected.
                     caf::result<request_id>(next_request_id)>::type;
};
using connection_actor = cafx::typed_actor<connection_trait>;

} // namespace spindle
