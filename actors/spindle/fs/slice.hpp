// How an operation lets others use the disk: between its slices, and while it
// awaits the device.
#pragma once

#include "spindle/fs/engine.hpp"
#include "spindle/fs/vfs.hpp"

#include <cerrno>
#include <coroutine>
#include <cstdint>
#include <functional>
#include <utility>

namespace spindle::fs {

/// As much as is read, written or copied before others may be served.
constexpr uint64_t piece_bytes = uint64_t{1} << 20;

/// Where an operation is suspended between its slices, and while it awaits the
/// device. May be used by one thread at a time.
class resting_place {
public:
  /// @param awaits whether somebody else makes the calls that may wait for the
  ///        device; if not, the operation makes them itself.
  explicit resting_place(bool awaits = false) : awaits_(awaits) {}

  bool awaits() const noexcept {
    return awaits_;
  }

  /// Begins a slice, which ends when `over` returns true. The operation calls
  /// `over` wherever it may rest.
  void open(std::function<bool()> over) {
    over_ = std::move(over);
  }

  /// Makes the operation end with ECANCELED at this or the next point where it
  /// may rest. May be called from `over`.
  void stop() noexcept {
    stopped_ = true;
  }

  bool is_stopped() const noexcept {
    return stopped_;
  }

  /// Returns whether the slice is over.
  bool is_over() const {
    return over_ && over_();
  }

  /// Stores the suspended coroutine.
  void keep(std::coroutine_handle<> who) noexcept {
    resting_ = who;
    ++rests_;
  }

  /// Stores the suspended coroutine, and the call that it awaits.
  void keep(std::coroutine_handle<> who, device_call& call) noexcept {
    keep(who);
    call_ = &call;
  }

  /// Returns the call that the suspended coroutine awaits; null if it rests.
  device_call* call() const noexcept {
    return call_;
  }

  /// Takes the suspended coroutine out; null if there is none.
  std::coroutine_handle<> take() noexcept {
    call_ = nullptr;
    return std::exchange(resting_, {});
  }

  /// Returns how often the operation was suspended.
  uint64_t rests() const noexcept {
    return rests_;
  }

private:
  bool awaits_;
  std::function<bool()> over_;
  bool stopped_ = false;
  uint64_t rests_ = 0;
  std::coroutine_handle<> resting_;
  device_call* call_ = nullptr;
};

/// Lets a function rest, and await the device. Knows the resting place, if
/// there is one, and whether a stop is obeyed. Clean-up code ignores a stop.
class slices {
public:
  slices() = default;

  /// Does not own the place.
  explicit slices(resting_place* at) : at_(at) {}

  /// The awaitable that `rest` returns.
  class point {
  public:
    point(resting_place* at, bool obeys_stop)
        : at_(at), obeys_stop_(obeys_stop) {}

    bool await_ready() const {
      return !at_ || !at_->is_over();
    }

    void await_suspend(std::coroutine_handle<> who) const noexcept {
      at_->keep(who);
    }

    /// ECANCELED if the operation was stopped.
    result<void> await_resume() const {
      if (at_ && obeys_stop_ && at_->is_stopped())
        return fail(ECANCELED);
      return {};
    }

  private:
    resting_place* at_;
    bool obeys_stop_;
  };

  /// The awaitable that `call` returns.
  class device_point {
  public:
    device_point(resting_place* at, device_call& what, bool obeys_stop)
        : at_(at), what_(what), stop_(at, obeys_stop) {}

    bool await_ready() const {
      if (at_ && at_->awaits())
        return false;
      what_.run();
      return true;
    }

    void await_suspend(std::coroutine_handle<> who) const noexcept {
      at_->keep(who, what_);
    }

    /// ECANCELED if the operation was stopped; the call was made all the same.
    result<void> await_resume() const {
      return stop_.await_resume();
    }

  private:
    resting_place* at_;
    device_call& what_;
    point stop_;
  };

  /// Returns whether others can use the disk during a `call`.
  bool can_await() const noexcept {
    return at_ && at_->awaits();
  }

  /// Makes a call that may wait for the device. Others may use the disk
  /// meanwhile, so await it only where no step is half-done.
  device_point call(device_call& what) const {
    return {at_, what, obeys_stop_};
  }

  /// Rests if the slice is over. Await it only where no step is half-done.
  point rest() const {
    return {at_, obeys_stop_};
  }

  /// Returns how often the operation was suspended. Each time, others may have
  /// changed the disk.
  uint64_t count() const noexcept {
    return at_ ? at_->rests() : 0;
  }

  /// Returns a copy that ignores a stop, for clean-up.
  slices ignoring_stop() const {
    auto res = *this;
    res.obeys_stop_ = false;
    return res;
  }

private:
  resting_place* at_ = nullptr;
  bool obeys_stop_ = true;
};

} // namespace spindle::fs
