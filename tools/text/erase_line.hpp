// How a line on a terminal is replaced.
#pragma once

namespace spindle::tool {

/// Moves the cursor to the first column, and erases the rest of the line.
inline constexpr const char* erase_line = "\r\x1b[K";

} // namespace spindle::tool
