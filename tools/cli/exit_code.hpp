// Exit codes of the programs.
#pragma once

namespace spindle::tool {

/// Everything was done.
inline constexpr int exit_success = 0;

/// Something that was requested failed.
inline constexpr int exit_failed = 1;

/// The command line, or a file that it names, is invalid.
inline constexpr int exit_bad_input = 2;

/// The output could not be written.
inline constexpr int exit_output_failed = 3;

} // namespace spindle::tool
