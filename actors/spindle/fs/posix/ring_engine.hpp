// Lets the kernel make many calls at once: io_uring(7).
#pragma once

#include "spindle/fs/engine.hpp"

#include <cstddef>
#include <memory>

namespace spindle::fs::posix {

/// Makes described calls with io_uring(7); `start` makes the others. Makes a
/// call itself if the kernel cannot make the request but may make the system
/// call, and makes all calls itself once the ring fails.
///
/// Different threads may use it one after the other. But the kernel needs the
/// thread that passed it a request to complete it, so if that thread is itself
/// in a call that cannot be interrupted, the completion is late; if it ends,
/// the engine makes the call again.
class ring_engine : public engine {
public:
  /// Returns null if the kernel does not allow it or cannot make a
  /// `kernel_request`, or if the library was built without liburing.
  /// @param depth at least 1. The engine has at most `max_depth`.
  static std::unique_ptr<ring_engine> make(size_t depth);

  static constexpr size_t max_depth = 4096;

  /// Returns whether the kernel has refused the ring since it was made.
  virtual bool has_failed() const noexcept = 0;
};

} // namespace spindle::fs::posix
