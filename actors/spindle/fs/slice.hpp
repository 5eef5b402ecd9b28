// How a long operation gives way to others.
#pragma once

#include "spindle/fs/error.hpp"

#include <coroutine>
#include <functional>
#include <utility>

namespace spindle::fs {

/// Lets an operation rest. It awaits `rest` at each point where nothing is
/// half-done, and learns there whether it has to stop.
class resting_place {
public:
  /// @param over whether the operation is to rest; asked at each point.
  /// @param stop why the operation has to end, or `errc::none`; asked too.
  void open(std::function<bool()> over, std::function<errc()> stop) {
    over_ = std::move(over);
    stop_ = std::move(stop);
  }

  /// What `rest` returns.
  struct point {
    resting_place& at;

    bool await_ready() const {
      return !at.over_ || !at.over_();
    }

    void await_suspend(std::coroutine_handle<> who) noexcept {
      at.resting_ = who;
    }

    /// Returns why the operation has to end, or `errc::none`.
    errc await_resume() const {
      return at.stop_ ? at.stop_() : errc::none;
    }
  };

  /// Rests if it is time for that.
  point rest() {
    return {*this};
  }

  /// Returns the coroutine that rests, if any, and forgets it.
  std::coroutine_handle<> take() noexcept {
    return std::exchange(resting_, {});
  }

private:
  std::function<bool()> over_;
  std::function<errc()> stop_;
  std::coroutine_handle<> resting_;
};

} // namespace spindle::fs
