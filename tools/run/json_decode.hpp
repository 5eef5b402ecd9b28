// JSON to operations, driven by the description of each operation.
//
// A member is given under its name. Bytes, that is paths and data, may be given
// as `NAME_base64` instead. Members that have no sensible default are required.
#pragma once

#include "run/background_write.hpp"
#include "text/json_line.hpp"

#include "spindle/message/oplist.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace spindle::tool {

/// Returns the names of all operations.
const std::vector<std::string>& operation_names();

/// Keys of a line that are no members of what it asks for.
using line_keys = std::vector<std::string>;

/// Returns the operation called `action` with the members that `object` gives;
/// the keys "id" and "action" do not count, and neither do `others`.
/// @throws bad_request also if there is no such operation.
operation decode_operation(const std::string& action, const json& object,
                           const line_keys& others);

/// Returns what the members of `object` say about a background write; `others`
/// do not count.
/// @throws bad_request
background_write decode_background_write(const json& object,
                                         const line_keys& others);

/// Returns the name of a profile, under the key "profile".
std::string decode_profile(const json& object);

/// Complains about an action that is not known, and names the nearest that is.
[[noreturn]] void refuse_action(const std::string& action,
                                const std::vector<std::string>& known);

/// Complains about keys of `object` that are not allowed, and names the nearest
/// one that is.
void check_keys(const json& object, std::vector<std::string> allowed);

/// Returns the value under a key, or nullptr.
const json* find(const json& object, std::string_view key);

/// Returns the name under "action".
std::string decode_action(const json& object);

/// Returns the value under "id", which is a text or a number; null if there is
/// none.
json decode_id(const json& object);

/// Returns the name under "lane", or an empty text if there is none.
/// @throws bad_request if it is no text of 1 to 64 bytes.
std::string decode_lane(const json& object);

/// Returns what the key "progress" says; false if there is none.
bool decode_progress(const json& object);

/// Returns what the key "on_error" says.
on_error decode_on_error(const json& object);

/// Returns a number of seconds, if there is one under the key.
std::optional<std::chrono::nanoseconds> decode_seconds(const json& object,
                                                       std::string_view key);

} // namespace spindle::tool
