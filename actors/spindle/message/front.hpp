// The interface of a queue for clients in this process.
#pragma once

#include "spindle/message/interfaces.hpp"
#include "spindle/message/lane_id.hpp"
#include "spindle/message/local_callback.hpp"

namespace spindle {

/// Messages that a supervisor, or the connection to one on another node,
/// understands from actors of this process.
struct front_trait {
  using signatures
    = detail::extend<supervisor_trait::signatures,
                     // Returns a ticket at once; the function gets the result.
                     caf::result<ticket>(operation, local_callback),
                     caf::result<ticket>(oplist, local_list_callback),
                     // The same in a given lane, not in that of the sender.
                     caf::result<ticket>(operation, local_callback, in_lane),
                     caf::result<ticket>(oplist, local_list_callback,
                                         in_lane)>::type;
};
using front_actor = cafx::typed_actor<front_trait>;

} // namespace spindle
