// What a file is called that is not complete yet.
#pragma once

#include <string>
#include <string_view>

namespace spindle::tool {

/// How many names a part may have, one after the other, if others have them.
inline constexpr unsigned max_part_names = 10;

/// Returns the name of the part of a file called `name`: hidden, and no longer
/// than 130 bytes, however long `name` is. It begins with that of the file, for
/// people, and has a hash of the whole of it.
/// @param number tells the names of a part apart, from 0 on.
std::string part_name(std::string_view name, unsigned number = 0);

} // namespace spindle::tool
