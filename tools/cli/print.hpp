// Text for stdout, which may fail like any other file.
#pragma once

#include <string_view>

namespace spindle::tool {

/// Writes a text to stdout. Returns the exit code of a command that has nothing
/// else to do: 0, or `exit_output_failed` after telling stderr why.
int print(std::string_view text);

} // namespace spindle::tool
