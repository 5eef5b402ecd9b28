// The log of a node: one line per event.
#pragma once

#include "spindle/config/node_settings.hpp"

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <unistd.h>

namespace spindle::tool {

/// Writes events to a descriptor, each as one line of `key=value`:
///
/// `time=2026-11-25T12:00:00.123Z level=info event=joined node=…`
///
/// Values with spaces or special characters are quoted as in JSON; long values
/// are cut. Thread-safe. Callers never block: a separate thread writes the
/// lines. If the reader is too slow, lines are dropped, counted, and reported
/// as the event "log_lost".
class node_log {
public:
  using details = std::vector<std::pair<std::string, std::string>>;

  /// Maximum number of pending bytes.
  static constexpr size_t max_waiting_bytes = size_t{1} << 20;

  /// Maximum length of a value in bytes.
  static constexpr size_t max_value_bytes = 512;

  /// @param fd the descriptor, which must stay open until the process ends.
  explicit node_log(int fd = STDERR_FILENO);

  node_log(const node_log&) = delete;

  /// Calls `flush` with a timeout of one second.
  ~node_log();

  /// Sets the highest level that is logged.
  void level(config::log_level x) {
    level_ = x;
  }

  /// Logs an event.
  void write(config::log_level level, std::string_view event,
             const details& more = {}) const;

  /// Waits until all lines are written, or the timeout expires.
  void flush(std::chrono::milliseconds timeout) const;

private:
  class writer;

  std::atomic<config::log_level> level_ = config::log_level::info;
  /// Shared with the writing thread, which may outlive this object.
  std::shared_ptr<writer> writer_;
};

} // namespace spindle::tool
