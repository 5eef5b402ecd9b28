// Keeps a bounded number of requests under way, and gathers what goes wrong.
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

/// Somebody wants the program to end.
struct interrupted : std::runtime_error {
  interrupted() : std::runtime_error{"interrupted"} {}
};

/// Makes the next call of `window::submit` throw. A signal handler may call it.
void interrupt() noexcept;

/// Throws if `interrupt` was called.
/// @throws interrupted
void throw_if_interrupted();

/// What was done, as counted where the outcomes arrive.
struct tally {
  size_t operations = 0;
  size_t failed = 0;
  /// One line each.
  std::vector<std::string> problems{};
};

/// Submits operations and oplists, at most `limit` of them at once.
class window {
public:
  using on_outcome = std::function<void(const spindle::outcome&)>;

  window(spindle::client& disk, size_t limit) : disk_(disk), limit_(limit) {}

  window(const window&) = delete;

  window& operator=(const window&) = delete;

  /// Waits for everything submitted.
  ~window();

  /// Submits an operation. `fun` gets the outcome; no two calls overlap.
  /// @throws interrupted
  void submit(spindle::operation op, on_outcome fun);

  /// Submits a list. `fun` gets each outcome, in the order of execution.
  /// @throws interrupted
  void submit(spindle::oplist list, on_outcome fun);

  /// Counts a failure that is a problem. Only for functions that get outcomes,
  /// like `tolerate`.
  void complain(std::string what);

  /// Counts a failure that was to be expected.
  void tolerate();

  /// Waits for everything submitted, and returns what came of it.
  tally finish();

private:
  /// @param send submits one thing; returns the error if it is not admitted.
  void admit(const std::function<caf::error()>& send);

  void leave();

  spindle::client& disk_;
  size_t limit_;
  size_t under_way_ = 0;
  tally tally_;
  std::mutex mutex_;
  std::condition_variable left_;
};

/// Returns what complains about each failure, and passes successes on to `fun`.
window::on_outcome must_succeed(window& w, window::on_outcome fun = {});

} // namespace demo
