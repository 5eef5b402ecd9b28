// The system calls of a task, made by the threads of libuv.
#pragma once

#include "depth/file_task.hpp"

#include <cstddef>

namespace bench::depth {

/// Does a task with `window` chains of calls in flight.
/// @throws std::runtime_error if a call fails.
void run_uv(const file_task& task, size_t window);

} // namespace bench::depth
