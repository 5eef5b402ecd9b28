// The system calls of a task, made by the threads of libuv.
#pragma once

#include "depth/file_task.hpp"

#include <cstddef>

namespace bench::depth {

/// Prepares a task and does it, with `window` chains of calls in flight.
/// @returns how many seconds it took, the preparation not included.
/// @throws std::runtime_error if a call fails.
double time_uv(const file_task& task, size_t window);

} // namespace bench::depth
