// How one thread tells others to stop, wherever they wait.
#pragma once

#include <atomic>

namespace spindle::tool {

/// Can be requested once, by any thread, and never be withdrawn.
class stop_event {
public:
  /// @throws std::system_error
  stop_event();

  stop_event(const stop_event&) = delete;

  stop_event& operator=(const stop_event&) = delete;

  ~stop_event();

  /// Requests to stop.
  void request() noexcept;

  /// Returns whether that was requested.
  bool requested() const noexcept {
    return requested_;
  }

  /// Returns a descriptor that becomes readable then, for poll(2).
  int descriptor() const noexcept {
    return descriptor_;
  }

private:
  std::atomic<bool> requested_ = false;
  int descriptor_;
};

} // namespace spindle::tool
