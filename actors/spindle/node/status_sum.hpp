// What several queues do, as if they were one.
#pragma once

#include "spindle/export.hpp"
#include "spindle/message/status.hpp"

namespace spindle {

/// Adds what one queue does and has done to what others do. The high-water mark
/// of the sum is no less than the most that they held at once.
SPINDLE_EXPORT void add(queue_status& sum, const queue_status& x);

} // namespace spindle
