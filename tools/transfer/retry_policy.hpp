// Retries after the loss of the connection to a node.
#pragma once

#include "cli/disk_access.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>

namespace spindle::tool {

/// Retries the steps of a command, with pauses.
class retry_policy {
public:
  /// @param most maximum number of retries without progress in between.
  /// @param on_note is called with messages for the user.
  retry_policy(uint64_t most, std::function<void(const std::string&)> on_note)
      : most_(most), on_note_(std::move(on_note)) {}

  /// Sets the function that connects again before a retry.
  void reconnect_by(std::function<attempt<void>()> reconnect) {
    reconnect_ = std::move(reconnect);
  }

  /// Calls `step` until it succeeds, fails for another reason than a lost node,
  /// or the retries are used up.
  template <class Step>
  auto run(Step step) {
    for (;;) {
      auto res = step();
      if (res || !recover(res.error()))
        return res;
    }
  }

  /// Notes progress: the number of retries counts from 0 again.
  void on_progress() {
    failed_ = 0;
  }

  /// Returns the pause before the n-th retry, from 1 on: a second, then twice
  /// as long each time, up to a minute.
  static std::chrono::seconds pause_before(uint64_t n);

private:
  /// Connects again, after pauses, if `why` is the loss of the node.
  /// @returns whether to call the step again; if not, `why` is the last
  /// failure.
  bool recover(failure& why);

  /// Pauses before another attempt to connect.
  /// @returns false at once if there is none.
  bool pause_after(const failure& why);

  uint64_t most_;
  std::function<void(const std::string&)> on_note_;
  std::function<attempt<void>()> reconnect_ = [] { return attempt<void>{}; };
  uint64_t failed_ = 0;
};

} // namespace spindle::tool
