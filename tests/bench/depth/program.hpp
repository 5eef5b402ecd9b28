// Other programs.
#pragma once

#include <string>
#include <vector>

namespace bench::depth {

/// Runs a program and waits for its end.
/// @param command the name or path of the program, and its arguments.
/// @returns what it has written to stdout.
/// @throws std::system_error if there is no such program.
/// @throws std::runtime_error if it fails.
std::string run_program(const std::vector<std::string>& command);

} // namespace bench::depth
