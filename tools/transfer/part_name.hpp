// The name of the incomplete file of a transfer.
#pragma once

#include <string>
#include <string_view>

namespace spindle::tool {

/// Number of names to try if other files have them.
inline constexpr unsigned max_part_names = 10;

/// Returns the name of the part for a file called `name`: a hidden name of at
/// most 130 bytes, with the beginning of `name` and a hash of the whole `name`.
/// @param number selects one of the `max_part_names` names, from 0 on.
std::string part_name(std::string_view name, unsigned number = 0);

} // namespace spindle::tool
