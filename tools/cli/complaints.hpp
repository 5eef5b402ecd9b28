// Failures of a command, written to stderr as they happen.
#pragma once

#include "cli/exit_code.hpp"

#include "spindle/ops/error.hpp"

#include <functional>
#include <string>
#include <utility>

namespace spindle::tool {

/// Writes failures to stderr as "spindle COMMAND: PATH: TEXT", one per line.
/// Bytes of a path that cannot be printed are escaped.
class complaints {
public:
  /// @param before is called before each line, for instance to hide a progress
  ///        line on the terminal.
  explicit complaints(std::string command, std::function<void()> before = {})
      : command_(std::move(command)), before_(std::move(before)) {}

  /// Writes why an operation failed; for a recursive operation, one line for
  /// each entry that failed.
  void add(const failure& why);

  /// Writes what is wrong with a path.
  void add(const std::string& path, const std::string& text);

  /// Returns `exit_failed` if there was any failure, else `exit_success`.
  int exit_code() const {
    return any_ ? exit_failed : exit_success;
  }

private:
  std::string command_;
  std::function<void()> before_;
  bool any_ = false;
};

} // namespace spindle::tool
