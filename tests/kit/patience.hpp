// How long tests wait for what other threads, processes or the disk do.
#pragma once

#include <chrono>
#include <thread>

namespace kit {

/// The timeout of each wait. What is not there after it will never be, also on
/// a machine that is very busy.
inline constexpr std::chrono::seconds patience{60};

/// Returns the end of a wait that begins now.
inline std::chrono::steady_clock::time_point end_of_patience() {
  return std::chrono::steady_clock::now() + patience;
}

/// Waits until a condition is true, by whatever happens elsewhere.
/// @returns whether it was true in time.
template <class Condition>
bool await(Condition condition) {
  auto end = end_of_patience();
  while (!condition()) {
    if (std::chrono::steady_clock::now() >= end)
      return false;
    std::this_thread::sleep_for(std::chrono::milliseconds{1});
  }
  return true;
}

} // namespace kit
