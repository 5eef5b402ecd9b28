// What a node tells its owner: one line an event.
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
/// Values with spaces or odd characters are quoted as in JSON, and long ones
/// are cut. Any thread may call. Nobody waits for a reader: a thread of its own
/// writes the lines, and those that find no room are counted and left out.
class node_log {
public:
  using details = std::vector<std::pair<std::string, std::string>>;

  /// Bytes that wait for a reader, at most.
  static constexpr size_t max_waiting_bytes = size_t{1} << 20;

  /// Bytes of a value, at most.
  static constexpr size_t max_value_bytes = 512;

  /// @param fd must stay open until the process ends.
  explicit node_log(int fd = STDERR_FILENO);

  node_log(const node_log&) = delete;

  /// Waits for a reader as `flush` does, for a second.
  ~node_log();

  /// Lets events of that level, and of those before it, through.
  void level(config::log_level x) {
    level_ = x;
  }

  void write(config::log_level level, std::string_view event,
             const details& more = {}) const;

  /// Waits until all lines are written, but no longer than that.
  void flush(std::chrono::milliseconds timeout) const;

private:
  class writer;

  std::atomic<config::log_level> level_ = config::log_level::info;
  /// Shared with the thread that writes, which may outlive this object.
  std::shared_ptr<writer> writer_;
};

} // namespace spindle::tool
