// What a node tells its owner: one line an event.
#pragma once

#include "spindle/config/node_settings.hpp"

#include <atomic>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace spindle::tool {

/// Writes events to stderr, each as one line of `key=value`:
///
/// `time=2026-11-25T12:00:00.123Z level=info event=joined node=…`
///
/// Values with spaces or odd characters are quoted as in JSON. Any thread may
/// call.
class node_log {
public:
  using details = std::vector<std::pair<std::string, std::string>>;

  /// Lets events of that level, and of those before it, through.
  void level(config::log_level x) {
    level_ = x;
  }

  void write(config::log_level level, std::string_view event,
             const details& more = {}) const;

private:
  std::atomic<config::log_level> level_ = config::log_level::info;
};

} // namespace spindle::tool
