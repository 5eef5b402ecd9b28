// A line on the terminal that says how far the program is.
#pragma once

#include <chrono>
#include <cstdint>

namespace spindle::tool {

/// How many operations came to an end, and how.
struct tally {
  uint64_t succeeded = 0;
  uint64_t failed = 0;
};

/// Shows a tally on a terminal, at most ten times a second. Without a terminal
/// it does nothing.
class progress_line {
public:
  explicit progress_line(int descriptor);

  /// Shows the tally, unless something was shown a moment ago.
  void show(const tally& counts);

  /// Removes the line, if there is one.
  void hide();

private:
  using clock = std::chrono::steady_clock;

  int descriptor_;
  bool is_terminal_;
  bool visible_ = false;
  clock::time_point begin_ = clock::now();
  clock::time_point next_ = begin_;
};

} // namespace spindle::tool
