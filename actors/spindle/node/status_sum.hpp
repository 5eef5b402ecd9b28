// The status of several queues as one.
#pragma once

#include "spindle/export.hpp"
#include "spindle/message/status.hpp"

namespace spindle {

/// Adds the status of a queue to a sum. The high-water mark of the sum is at
/// least the most that all of them held at once.
SPINDLE_EXPORT void add(queue_status& sum, const queue_status& x);

} // namespace spindle
