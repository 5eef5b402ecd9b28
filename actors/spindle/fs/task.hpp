// Functions that can rest: coroutines that are started by whoever awaits them.
//
// g++ 12 and clang 14 compile some coroutines wrongly. So here: no `co_await`
// inside of a conditional expression, an initialiser list or a default
// argument; parameters by value, or references to what outlives the coroutine;
// a lambda that is a coroutine captures nothing.
#pragma once

#include "spindle/fs/frame_pool.hpp"

#include <coroutine>
#include <cstddef>
#include <exception>
#include <optional>
#include <utility>

namespace spindle::fs {

/// What a coroutine returns that computes a `T`. It does nothing before it is
/// awaited, or resumed as the outermost one; belongs to one thread at a time.
template <class T>
class [[nodiscard]] task {
public:
  struct promise_type;

  using handle_type = std::coroutine_handle<promise_type>;

  task(task&& other) noexcept : handle_(std::exchange(other.handle_, {})) {}

  task& operator=(task&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }

  ~task() {
    if (handle_)
      handle_.destroy();
  }

  // -- for coroutines ---------------------------------------------------------

  bool await_ready() const noexcept {
    return false;
  }

  /// Runs the coroutine on the stack of its caller, so that a loop of calls
  /// that do not rest needs no more stack than one. The caller rests with it.
  bool await_suspend(std::coroutine_handle<> caller) {
    handle_.resume();
    if (handle_.done())
      return false;
    handle_.promise().caller = caller;
    return true;
  }

  T await_resume() {
    return take();
  }

  // -- for whoever holds the outermost coroutine ------------------------------

  std::coroutine_handle<> handle() const noexcept {
    return handle_;
  }

  bool done() const noexcept {
    return handle_.done();
  }

  /// Returns the value, or throws what the coroutine threw. Once, when done.
  T take() {
    auto& promise = handle_.promise();
    if (promise.thrown)
      std::rethrow_exception(promise.thrown);
    return std::move(*promise.value);
  }

private:
  explicit task(handle_type handle) : handle_(handle) {}

  handle_type handle_;
};

/// The part of a coroutine that its caller sees.
template <class T>
struct task<T>::promise_type {
  /// Resumes the caller, if there is one.
  struct give_back {
    bool await_ready() const noexcept {
      return false;
    }

    std::coroutine_handle<> await_suspend(handle_type from) const noexcept {
      return from.promise().caller;
    }

    void await_resume() const noexcept {
      // Never resumed.
    }
  };

  task get_return_object() {
    return task{handle_type::from_promise(*this)};
  }

  std::suspend_always initial_suspend() const noexcept {
    return {};
  }

  give_back final_suspend() const noexcept {
    return {};
  }

  void return_value(T x) {
    value.emplace(std::move(x));
  }

  void unhandled_exception() noexcept {
    thrown = std::current_exception();
  }

  static void* operator new(size_t size) {
    return take_frame(size);
  }

  static void operator delete(void* frame, size_t size) noexcept {
    return_frame(frame, size);
  }

  std::optional<T> value;
  std::exception_ptr thrown;
  std::coroutine_handle<> caller = std::noop_coroutine();
};

/// Runs a coroutine that has no place to rest.
template <class T>
T run_to_end(task<T> what) {
  what.handle().resume();
  return what.take();
}

} // namespace spindle::fs
