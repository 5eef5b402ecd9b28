// Points in time as text: RFC 3339, for instance "2024-02-29T12:00:00.5Z".
#pragma once

#include "spindle/ops/operations.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace spindle::tool {

/// Returns the time in UTC, with decimals only if it has fractions of a second.
std::string to_rfc3339(file_time when);

/// Parses a date and time with offset.
/// @returns nothing if `text` is anything else, or outside of the range of
///          `file_time` (years 1678 to 2261).
std::optional<file_time> from_rfc3339(std::string_view text);

} // namespace spindle::tool
