// Text for stdout, which can fail like any other file.
#pragma once

#include <string_view>

namespace spindle::tool {

/// Writes a text to stdout.
/// @returns `exit_success`, or `exit_output_failed` after a message on stderr.
int print(std::string_view text);

} // namespace spindle::tool
