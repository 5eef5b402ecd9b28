// A line on the terminal with the progress of operations.
#pragma once

#include "spindle/message/interfaces.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

namespace spindle::tool {

/// Returns the progress of an operation: entries, bytes, rate and time left as
/// far as they are known, and the path.
/// @param entries number of entries of earlier operations.
/// @param elapsed time since the operation was started.
/// @param columns maximum length of the text; the path is shortened.
std::string operation_text(const operation_progress& now, uint64_t entries,
                           std::chrono::duration<double> elapsed,
                           size_t columns);

/// A line on a terminal that is updated during operations and erased at the
/// end. Writes nothing if the descriptor is not a terminal.
class operation_line {
public:
  using clock = std::chrono::steady_clock;

  /// The minimum time between two updates.
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

  /// Notes that an operation begins.
  void begin();

  /// Shows the progress, unless the last update is less than `interval` ago.
  void show(const operation_progress& now);

  /// Notes that the operation on `path` is done, and shows that path, unless
  /// the last update is less than `interval` ago.
  void end(const std::string& path);

  /// Erases the line, so that other text can be written.
  void hide();

private:
  int descriptor_;
  bool is_terminal_;
  bool visible_ = false;
  clock::time_point next_ = clock::now() + interval;
  clock::time_point begin_{};
  /// Entries of the current operation, and of all earlier ones.
  uint64_t current_ = 0;
  uint64_t before_ = 0;
};

} // namespace spindle::tool
