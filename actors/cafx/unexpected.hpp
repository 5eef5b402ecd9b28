// Handling of messages that an actor has no handler for.
//
// By default, CAF prints each of them to stdout with its content, and
// terminates an actor that receives an error. So anybody who can address an
// actor could flood a log, make it reveal secrets, or end the actor.
#pragma once

#include "cafx/cafx.hpp"

namespace cafx {

/// Makes `self` drop messages without a handler, also errors and down messages.
/// Requests are answered with `caf::sec::unexpected_message`, others with
/// nothing.
/// @param dropped called for each, in the context of the actor. On CAF 0.17,
///                not for down messages if the actor monitors others.
template <class Self, class Fun>
void drop_unexpected(Self* self, Fun dropped) {
#if CAFX_MODERN
  CAF_PUSH_DEPRECATED_WARNING
  self->set_default_handler(
    [self, dropped](caf::message&) -> caf::skippable_result {
      dropped();
      if (self->current_message_id().is_request())
        return make_error(caf::sec::unexpected_message);
      return caf::delegated<caf::message>{};
    });
  self->set_error_handler([dropped](caf::error&) { dropped(); });
  self->set_down_handler([dropped](caf::down_msg&) { dropped(); });
  self->set_node_down_handler([dropped](caf::node_down_msg&) { dropped(); });
  CAF_POP_WARNINGS
#else
  caf::scheduled_actor::default_handler drop
    = [dropped](caf::scheduled_actor* me,
                caf::message_view&) -> caf::result<caf::message> {
    dropped();
    if (me->current_message_id().is_request())
      return caf::sec::unexpected_message;
    return caf::delegated<caf::message>{};
  };
  self->set_default_handler(std::move(drop));
  self->set_error_handler([dropped](caf::error&) { dropped(); });
  self->set_down_handler([dropped](caf::down_msg&) { dropped(); });
#endif
}

} // namespace cafx
