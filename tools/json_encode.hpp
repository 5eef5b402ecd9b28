// What became of operations, as JSON.
//
// Bytes are text under the name of the member if they are UTF-8; otherwise they
// are `NAME_base64` in its place.
#pragma once

#include "json_line.hpp"

#include "spindle/messages.hpp"

namespace spindle::tool {

/// Returns what an operation that succeeded has to say.
json encode_output(const operation& op, const output& result);

/// Returns why something failed: "error", "errno", "message", and "done" and
/// "entries" if there are any.
json encode_failure(const failure& why);

/// Returns all counters of a queue.
json encode_status(const queue_status& status);

} // namespace spindle::tool
