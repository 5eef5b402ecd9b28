// Results of operations as JSON.
//
// Bytes that are valid UTF-8 become a text with the key NAME, other bytes
// become base64 with the key NAME_base64.
#pragma once

#include "text/json_line.hpp"

#include "spindle/message/messages.hpp"

namespace spindle::tool {

/// Adds bytes to an object, under one of the two keys above.
void put_bytes(json& object, std::string_view name, std::string_view bytes);

/// Returns the output of an operation that succeeded.
json encode_output(const operation& op, const output& result);

/// Returns a failure: "error", "errno", "message", and "done", "links" and
/// "entries" where they apply.
json encode_failure(const failure& why);

/// Returns the result of a writer: "written", "chunks", "busy_s", "duty_pct",
/// "rate_bytes_per_s", and "started_s" and "finished_s", which are null if that
/// did not happen.
/// @param spawned when the writer was spawned, in the time that "started_s" and
///        "finished_s" count from.
json encode_end(const writer_status& last, caf::timespan spawned);

/// Returns the state of a writer: the same, and the members that still change.
json encode_status(const writer_status& now, caf::timespan spawned);

/// Returns all counters of a queue.
json encode_status(const queue_status& status);

} // namespace spindle::tool
