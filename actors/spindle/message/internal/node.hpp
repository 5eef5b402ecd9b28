// The messages between the actors of a node, and of a connection. They never
// leave the process.
#pragma once

#include "spindle/message/internal/queue.hpp"
#include "spindle/message/node_limits.hpp"

#include <cstdint>
#include <memory>

namespace spindle {

/// How many writers that have ended a node, and a connection, remember.
inline constexpr size_t max_ended_writers = 10'000;

// -- the gateway --------------------------------------------------------------

/// An operation of a client is done. Callback actor to gateway.
struct client_op_done {
  uint64_t number = 0;
  outcome result;
};

/// An oplist of a client is done. Callback actor to gateway.
struct client_list_done {
  uint64_t number = 0;
  oplist_report result;
};

/// Sets limits. Owner of the node to gateway.
struct apply_node_limits {
  node_limits limits;
};

/// Refuses requests from now on. Owner of the node to gateway.
struct close_gateway {};

/// Asks for an answer when all earlier answers to clients are written to their
/// sockets, or after a second. Owner of the node to gateway.
struct flush_gateway {};

/// The time has come to check whether clients have read their answers. Gateway
/// to itself.
struct check_flush {};

/// Ends the gateway, which traps exit messages. Owner of the node to gateway.
struct end_gateway {};

/// CAF has an answer, and has not yet written it to the socket. Gateway to
/// itself.
struct answer_handed_over {
  caf::node_id client;
  uint64_t bytes = 0;
};

/// Refusals that were delayed are due. Gateway to itself.
struct refusals_due {};

/// Messages that a gateway understands from inside its process.
struct gateway_trait {
  using signatures = detail::extend<node_trait::signatures,
                                    // Answers the client.
                                    caf::result<void>(client_op_done),
                                    // Answers the client.
                                    caf::result<void>(client_list_done),
                                    // Admits requests by these limits.
                                    caf::result<void>(apply_node_limits),
                                    // Refuses requests from now on.
                                    caf::result<void>(close_gateway),
                                    // Answers when clients have read.
                                    caf::result<void>(flush_gateway),
                                    // Checks whether clients have read.
                                    caf::result<void>(check_flush),
                                    // Sends refusals.
                                    caf::result<void>(refusals_due),
                                    // Counts the answer until it is written.
                                    caf::result<void>(answer_handed_over),
                                    // Ends.
                                    caf::result<void>(end_gateway)>::type;
};
using gateway_actor = cafx::typed_actor<gateway_trait>;

// -- proxies of writers -------------------------------------------------------

/// The node has spawned the writer. Connection to proxy.
struct writer_placed {
  writer_actor real;
  /// `max_message_bytes` of the node; 0 if there is no limit.
  uint64_t max_message_bytes = 0;
};

/// The node has not spawned the writer, or the link is lost. Connection to
/// proxy.
struct writer_unreachable {
  failure why;
};

/// Messages that the proxy of a writer understands.
struct remote_writer_trait {
  using signatures = detail::extend<writer_trait::signatures,
                                    // Forwards all messages from now on.
                                    caf::result<void>(writer_placed),
                                    // Ends.
                                    caf::result<void>(writer_unreachable),
                                    // Remembers the status.
                                    caf::result<void>(writer_status)>::type;
};
using remote_writer_actor = cafx::typed_actor<remote_writer_trait>;

// -- connections --------------------------------------------------------------

/// Asks for a writer of the node, which `proxy` stands for. Spawner of the
/// proxy to connection.
struct place_writer {
  remote_writer_actor proxy;
  std::shared_ptr<write_job> job;
  lane_number lane;
};

/// The time has come to ping the node. Connection to itself.
struct ping_due {
  /// The number of the link.
  uint64_t attempt = 0;
};

/// The deadline of a shutdown has passed. Connection to itself.
struct give_up_connection {};

/// All messages that a connection understands, also those of its node and its
/// own.
struct connection_internal_trait {
  using signatures
    = detail::extend<connection_trait::signatures,
                     // Calls the callback.
                     caf::result<void>(outcome),
                     // Calls the callback.
                     caf::result<void>(oplist_report),
                     // Asks the node for the writer.
                     caf::result<void>(place_writer),
                     // Pings the node.
                     caf::result<void>(ping_due),
                     // Ends.
                     caf::result<void>(give_up_connection)>::type;
};
using connection_internal_actor = cafx::typed_actor<connection_internal_trait>;

} // namespace spindle

CAF_BEGIN_TYPE_ID_BLOCK(spindle_node, caf::id_block::spindle_actors::end)

CAF_ADD_TYPE_ID(spindle_node, (spindle::client_op_done))
CAF_ADD_TYPE_ID(spindle_node, (spindle::client_list_done))
CAF_ADD_TYPE_ID(spindle_node, (spindle::apply_node_limits))
CAF_ADD_TYPE_ID(spindle_node, (spindle::close_gateway))
CAF_ADD_TYPE_ID(spindle_node, (spindle::flush_gateway))
CAF_ADD_TYPE_ID(spindle_node, (spindle::check_flush))
CAF_ADD_TYPE_ID(spindle_node, (spindle::writer_placed))
CAF_ADD_TYPE_ID(spindle_node, (spindle::writer_unreachable))
CAF_ADD_TYPE_ID(spindle_node, (spindle::place_writer))
CAF_ADD_TYPE_ID(spindle_node, (spindle::ping_due))
CAF_ADD_TYPE_ID(spindle_node, (spindle::give_up_connection))
CAF_ADD_TYPE_ID(spindle_node, (spindle::refusals_due))
CAF_ADD_TYPE_ID(spindle_node, (spindle::end_gateway))
CAF_ADD_TYPE_ID(spindle_node, (spindle::answer_handed_over))

CAF_END_TYPE_ID_BLOCK(spindle_node)

static_assert(caf::id_block::spindle_node::end <= caf::id_block::spindle::end,
              "the block of all types is too small");

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(spindle::client_op_done)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(spindle::client_list_done)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(spindle::apply_node_limits)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(spindle::close_gateway)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(spindle::flush_gateway)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(spindle::check_flush)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(spindle::writer_placed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(spindle::writer_unreachable)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(spindle::place_writer)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(spindle::ping_due)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(spindle::give_up_connection)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(spindle::refusals_due)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(spindle::end_gateway)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(spindle::answer_handed_over)
