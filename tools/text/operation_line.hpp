// A line on the terminal that says how far the operations of a command are.
#pragma once

#include "spindle/message/interfaces.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

namespace spindle::tool {

/// Returns how far an operation is, for people: entries, bytes, rate and time
/// left as far as they are known, and the path.
/// @param entries those of the operations before.
/// @param elapsed since the operation was started.
/// @param columns what the text may take at the most; the path is shortened.
std::string operation_text(const operation_progress& now, uint64_t entries,
                           std::chrono::duration<double> elapsed,
                           size_t columns);

/// One line on a terminal that is replaced again and again, and gone at the
/// end. Without a terminal it shows nothing.
class operation_line {
public:
  using clock = std::chrono::steady_clock;

  /// How often it is worth to show something.
  static constexpr auto interval = std::chrono::milliseconds{100};

  explicit operation_line(int descriptor);

  operation_line(const operation_line&) = delete;

  operation_line& operator=(const operation_line&) = delete;

  ~operation_line() {
    hide();
  }

  bool is_terminal() const {
    return is_terminal_;
  }

  /// An operation begins.
  void begin();

  /// Shows how far the operation is, unless something was shown a moment ago.
  void show(const operation_progress& now);

  /// The operation is done. Of many that are short, the last is shown now and
  /// then.
  void end(const std::string& path);

  /// Removes the line, so that something else can be said.
  void hide();

private:
  int descriptor_;
  bool is_terminal_;
  bool visible_ = false;
  clock::time_point next_ = clock::now() + interval;
  clock::time_point begin_{};
  /// Entries of the operation, and of those before.
  uint64_t current_ = 0;
  uint64_t before_ = 0;
};

} // namespace spindle::tool
