// How a long operation gives way to others.
#pragma once

#include "spindle/fs/vfs.hpp"

#include <cerrno>
#include <coroutine>
#include <functional>
#include <utility>

namespace spindle::fs {

/// Where an operation rests between its slices. Belongs to one thread at a
/// time.
class resting_place {
public:
  /// Lets the operation go on until `over` returns true; it is asked at each
  /// point where the operation may rest.
  void open(std::function<bool()> over) {
    over_ = std::move(over);
  }

  /// Has the operation end at this point, or its next one. `over` may call.
  void stop() noexcept {
    stopped_ = true;
  }

  bool is_stopped() const noexcept {
    return stopped_;
  }

  /// Returns whether it is time to rest.
  bool is_over() const {
    return over_ && over_();
  }

  /// Notes what is to be resumed.
  void keep(std::coroutine_handle<> who) noexcept {
    resting_ = who;
  }

  /// Returns the coroutine that rests, if any, and forgets it.
  std::coroutine_handle<> take() noexcept {
    return std::exchange(resting_, {});
  }

private:
  std::function<bool()> over_;
  bool stopped_ = false;
  std::coroutine_handle<> resting_;
};

/// What a function needs to rest: the place, if there is one, and whether it
/// heeds a stop. Whoever tidies up does not.
class slices {
public:
  slices() = default;

  /// Does not own the place.
  explicit slices(resting_place* at) : at_(at) {}

  /// What `rest` returns; to be awaited.
  class point {
  public:
    point(resting_place* at, bool heeds_stop)
        : at_(at), heeds_stop_(heeds_stop) {}

    bool await_ready() const {
      return !at_ || !at_->is_over();
    }

    void await_suspend(std::coroutine_handle<> who) const noexcept {
      at_->keep(who);
    }

    /// ECANCELED if the operation has to end.
    result<void> await_resume() const {
      if (at_ && heeds_stop_ && at_->is_stopped())
        return fail(ECANCELED);
      return {};
    }

  private:
    resting_place* at_;
    bool heeds_stop_;
  };

  /// Rests if it is time for that. To be awaited where nothing is half-done.
  point rest() const {
    return {at_, heeds_stop_};
  }

  /// Returns the same without heeding a stop.
  slices to_the_end() const {
    auto res = *this;
    res.heeds_stop_ = false;
    return res;
  }

private:
  resting_place* at_ = nullptr;
  bool heeds_stop_ = true;
};

} // namespace spindle::fs
