// Keeps a bounded number of requests in flight, and collects failures.
#pragma once

#include "spindle/client.hpp"

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <stdexcept>
#include <string>
#include <vector>

namespace demo {

/// A signal has asked the program to end.
struct interrupted : std::runtime_error {
  interrupted() : std::runtime_error{"interrupted"} {}
};

/// Makes the next call of `window::submit` throw. A signal handler may call it.
void interrupt() noexcept;

/// Throws if `interrupt` was called.
/// @throws interrupted
void throw_if_interrupted();

/// Counts of the outcomes that arrived.
struct tally {
  size_t operations = 0;
  size_t failed = 0;
  /// One line each.
  std::vector<std::string> problems{};
};

/// Submits operations and oplists; at most `limit` of them are in flight.
class window {
public:
  using on_outcome = std::function<void(const spindle::outcome&)>;

  window(spindle::client& disk, size_t limit) : disk_(disk), limit_(limit) {}

  window(const window&) = delete;

  window& operator=(const window&) = delete;

  /// Waits for all outcomes.
  ~window();

  /// Submits an operation. `fun` gets the outcome; no two calls overlap.
  /// @throws interrupted
  void submit(spindle::operation op, on_outcome fun);

  /// Submits a list. `fun` gets each outcome, in the order of execution.
  /// @throws interrupted
  void submit(spindle::oplist list, on_outcome fun);

  /// Counts an unexpected failure. `complain` and `tolerate` may only be called
  /// by functions that get outcomes.
  void complain(std::string what);

  /// Counts an expected failure.
  void tolerate();

  /// Waits for all outcomes, and returns their counts.
  tally finish();

private:
  /// Waits until fewer than `limit` requests are in flight, and calls `send`.
  /// @param send submits one request; returns the error if it is refused.
  void admit(const std::function<caf::error()>& send);

  void release();

  spindle::client& disk_;
  size_t limit_;
  size_t in_flight_ = 0;
  tally tally_;
  std::mutex mutex_;
  std::condition_variable released_;
};

/// Returns a function that reports each failure to `w` and passes each success
/// to `fun`.
window::on_outcome must_succeed(window& w, window::on_outcome fun = {});

} // namespace demo
