// Processor time, for tests of how much work something is.
#pragma once

#include <chrono>

#include <time.h>

namespace kit {

/// Returns the processor time of this thread so far. Unlike time, it hardly
/// depends on what else the machine does.
inline std::chrono::nanoseconds cpu_time() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return std::chrono::seconds{now.tv_sec}
       + std::chrono::nanoseconds{now.tv_nsec};
}

} // namespace kit
