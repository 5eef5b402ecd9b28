// Coroutines that can rest. They start when they are awaited.
//
// g++ 12 and clang 14 compile some coroutines wrongly. So avoid `co_await` in a
// conditional expression, an initialiser list or a default argument. Pass
// parameters by value, or references to objects that outlive the coroutine. A
// lambda that is a coroutine must not capture anything.
#pragma once

#include "spindle/fs/frame_pool.hpp"

#include <coroutine>
#include <cstddef>
#include <exception>
#include <optional>
#include <utility>
#include <variant>

namespace spindle::fs {

/// The return type of a coroutine that computes a `T`. The coroutine starts
/// when it is awaited, or, as the outermost one, when its handle is resumed. It
/// may be used by one thread at a time.
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

  /// Runs the coroutine on the stack of its caller, so a loop of calls that do
  /// not rest needs no more stack than one call. If the coroutine rests, the
  /// caller is suspended with it.
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

  // -- for the owner of the outermost coroutine -------------------------------

  std::coroutine_handle<> handle() const noexcept {
    return handle_;
  }

  bool done() const noexcept {
    return handle_.done();
  }

  /// Returns the value, or rethrows the exception of the coroutine. May be
  /// called once, when done.
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

/// The promise type that the language requires.
template <class T>
struct task<T>::promise_type {
  /// Resumes the caller when the coroutine ends; ends `resume` if there is
  /// none.
  struct resume_caller {
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

  resume_caller final_suspend() const noexcept {
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

/// A value, or the coroutine that computes it. The return type of functions
/// that rest only in rare cases, so that they need no frame in all others.
template <class T>
using value_or_task = std::variant<T, task<T>>;

/// Returns a coroutine that computes the value in any case.
template <class T>
task<T> as_task(value_or_task<T> what) {
  if (auto* value = std::get_if<T>(&what))
    co_return std::move(*value);
  co_return co_await std::get<task<T>>(std::move(what));
}

/// Runs a coroutine that never rests, and returns its value.
template <class T>
T run_to_end(task<T> what) {
  what.handle().resume();
  return what.take();
}

} // namespace spindle::fs
