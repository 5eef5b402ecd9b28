// A request to stop, for threads that wait in poll(2).
#pragma once

#include <atomic>

namespace spindle::tool {

/// A request to stop, which cannot be withdrawn. Thread-safe.
class stop_event {
public:
  /// @throws std::system_error
  stop_event();

  stop_event(const stop_event&) = delete;

  stop_event& operator=(const stop_event&) = delete;

  ~stop_event();

  /// Requests to stop. Further calls have no effect.
  void request() noexcept;

  /// Returns whether `request` was called.
  bool requested() const noexcept {
    return requested_;
  }

  /// Returns a descriptor that is readable after `request`.
  int descriptor() const noexcept {
    return descriptor_;
  }

private:
  std::atomic<bool> requested_ = false;
  int descriptor_;
};

} // namespace spindle::tool
