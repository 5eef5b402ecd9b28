// A place on stderr that shows how far something is.
#pragma once

#include "text/progress_text.hpp"

#include <chrono>
#include <mutex>
#include <string>

namespace spindle::tool {

/// A bar on a terminal, lines otherwise. Any thread may call.
class byte_progress {
public:
  explicit byte_progress(int descriptor);

  /// Returns how often it is worth to show something.
  std::chrono::nanoseconds interval() const;

  /// Shows how far it is, unless `finish` was called.
  void show(const progress_figures& now);

  /// Shows a few words in place of the bar, on a terminal only.
  void hint(const std::string& what);

  /// Says something that stays; the bar may come again.
  void say(const std::string& what);

  /// Says a last word in place of the bar.
  void finish(const std::string& what);

private:
  void put(const std::string& what);

  int descriptor_;
  bool is_terminal_;
  std::mutex mutex_;
  bool finished_ = false;
};

} // namespace spindle::tool
