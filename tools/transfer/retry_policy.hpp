// Trying again when the connection to a node is lost.
#pragma once

#include "cli/disk_access.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>

namespace spindle::tool {

/// How often a step of a command is tried again, and when.
class retry_policy {
public:
  /// @param most how often in a row, as long as nothing succeeds in between.
  /// @param on_note gets what people should know.
  retry_policy(uint64_t most, std::function<void(const std::string&)> on_note)
      : most_(most), on_note_(std::move(on_note)) {}

  /// Sets how to connect again before another try.
  void reconnect_by(std::function<attempt<void>()> reconnect) {
    reconnect_ = std::move(reconnect);
  }

  /// Does `step` until it succeeds, fails for another reason than a lost node,
  /// or was tried often enough.
  template <class Step>
  auto run(Step step) {
    for (;;) {
      auto res = step();
      if (res || !is_there_again(res.error()))
        return res;
    }
  }

  /// Something has succeeded, so that counting starts anew.
  void on_progress() {
    failed_ = 0;
  }

  /// Returns the pause before the n-th try, from 1 on: a second, then twice as
  /// long each time, up to a minute.
  static std::chrono::seconds pause_before(uint64_t n);

private:
  /// Returns whether to try again, after a pause and with a new connection.
  bool is_there_again(failure& why);

  /// Returns whether to connect again, after a pause.
  bool is_worth_it(const failure& why);

  uint64_t most_;
  std::function<void(const std::string&)> on_note_;
  std::function<attempt<void>()> reconnect_ = [] { return attempt<void>{}; };
  uint64_t failed_ = 0;
};

} // namespace spindle::tool
