// The messages of a connection, which stands for a node in a client's process.
#pragma once

#include "spindle/message/front.hpp"
#include "spindle/message/protocol.hpp"

namespace spindle {

/// Connects, unless connected; also after a loss.
struct reach_node {};

/// Asks for the id of a request that may be repeated.
struct next_request_id {};

/// Messages that a connection understands: those of a queue, and its own. The
/// lane of a message is that of its sender.
struct connection_trait {
  using signatures
    = detail::extend<front_trait::signatures,
                     // Does an operation once, also if the id is repeated.
                     caf::result<answer>(request_id, operation),
                     // Does an oplist once, also if the id is repeated.
                     caf::result<oplist_report>(request_id, oplist),
                     // Answers when connected.
                     caf::result<welcome>(reach_node),
                     // Answers when connected.
                     caf::result<request_id>(next_request_id)>::type;
};
using connection_actor = cafx::typed_actor<connection_trait>;

} // namespace spindle
