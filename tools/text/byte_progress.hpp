// The progress of a transfer, written to stderr.
#pragma once

#include "text/progress_text.hpp"

#include <chrono>
#include <mutex>
#include <string>

namespace spindle::tool {

/// Shows a bar on a terminal, and lines elsewhere. Thread-safe.
class byte_progress {
public:
  explicit byte_progress(int descriptor);

  /// Returns the time between two calls of `show`.
  std::chrono::nanoseconds interval() const;

  /// Shows the progress, unless `finish` was called.
  void show(const progress_figures& now);

  /// Replaces the bar by a short text, on a terminal only.
  void hint(const std::string& what);

  /// Writes a line that stays; the next `show` writes the bar below it.
  void say(const std::string& what);

  /// Replaces the bar by a last line. Later calls of the other members write
  /// nothing.
  void finish(const std::string& what);

private:
  void put(const std::string& what);

  int descriptor_;
  bool is_terminal_;
  std::mutex mutex_;
  bool finished_ = false;
};

} // namespace spindle::tool
