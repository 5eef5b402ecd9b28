// Memory for coroutine frames.
#pragma once

#include "spindle/export.hpp"

#include <cstddef>

namespace spindle::fs {

/// Returns memory for a coroutine frame from the pool of the calling thread. A
/// pool pays off because successive operations need frames of the same few
/// sizes.
SPINDLE_EXPORT void* take_frame(size_t size);

/// Gives a frame to the pool of the calling thread, whichever thread it came
/// from.
SPINDLE_EXPORT void return_frame(void* frame, size_t size) noexcept;

} // namespace spindle::fs
