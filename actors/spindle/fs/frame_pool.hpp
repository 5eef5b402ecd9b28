// Memory for the frames of coroutines.
#pragma once

#include "spindle/export.hpp"

#include <cstddef>

namespace spindle::fs {

/// Returns memory for a coroutine frame or the like, from a pool of the calling
/// thread: an operation needs a few frames, and the next one needs the same
/// sizes.
SPINDLE_EXPORT void* take_frame(size_t size);

/// Takes a frame back, on any thread.
SPINDLE_EXPORT void return_frame(void* frame, size_t size) noexcept;

} // namespace spindle::fs
