// What became of operations, as JSON.
//
// Bytes are text under the name of the member if they are UTF-8; otherwise they
// are `NAME_base64` in its place.
#pragma once

#include "text/json_line.hpp"

#include "spindle/message/messages.hpp"

namespace spindle::tool {

/// Adds bytes to an object, as said above.
void put_bytes(json& object, std::string_view name, std::string_view bytes);

/// Returns what an operation that succeeded has to say.
json encode_output(const operation& op, const output& result);

/// Returns why something failed: "error", "errno", "message", and "done" and
/// "entries" if there are any.
json encode_failure(const failure& why);

/// Returns what a writer did: "written", "chunks", "busy_s", "duty_pct",
/// "rate_bytes_per_s", and when it started and finished, or null, in seconds
/// from a time that was `spawned` before the writer was.
json encode_end(const writer_status& last, caf::timespan spawned);

/// Returns what a writer is doing: the same, and what may still change.
json encode_status(const writer_status& now, caf::timespan spawned);

/// Returns all counters of a queue.
json encode_status(const queue_status& status);

} // namespace spindle::tool
