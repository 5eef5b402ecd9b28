// The way into a queue from inside its process.
#pragma once

#include "spindle/message/interfaces.hpp"
#include "spindle/message/lane_id.hpp"
#include "spindle/message/local_callback.hpp"

namespace spindle {

/// Messages that the way into a queue understands from inside this process,
/// wherever the queue is.
struct front_trait {
  using signatures
    = detail::extend<supervisor_trait::signatures,
                     // Operations and lists with a function of this process as
                     // callback.
                     caf::result<ticket>(operation, local_callback),
                     caf::result<ticket>(oplist, local_list_callback),
                     // The same in another lane than that of the sender.
                     caf::result<ticket>(operation, local_callback, in_lane),
                     caf::result<ticket>(oplist, local_list_callback,
                                         in_lane)>::type;
};
using front_actor = cafx::typed_actor<front_trait>;

} // namespace spindle
