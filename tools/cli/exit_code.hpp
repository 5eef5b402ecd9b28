// What the programs exit with.
#pragma once

namespace spindle::tool {

/// Everything was done.
inline constexpr int exit_success = 0;

/// Something that was asked for failed.
inline constexpr int exit_failed = 1;

/// The command line, or input that it names, is not understood.
inline constexpr int exit_bad_input = 2;

/// What there is to say could not be written.
inline constexpr int exit_output_failed = 3;

} // namespace spindle::tool
