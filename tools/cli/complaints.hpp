// What a command could not do, told on stderr as it happens.
#pragma once

#include "cli/exit_code.hpp"

#include "spindle/ops/error.hpp"

#include <functional>
#include <string>
#include <utility>

namespace spindle::tool {

/// Tells of failures as "spindle COMMAND: PATH: TEXT", one a line, whatever
/// bytes the path has.
class complaints {
public:
  /// @param before is called before each, to make way for it on the terminal.
  explicit complaints(std::string command, std::function<void()> before = {})
      : command_(std::move(command)), before_(std::move(before)) {}

  /// Tells why something failed; of a recursive operation, all that did.
  void add(const failure& why);

  /// Tells what is wrong with a path.
  void add(const std::string& path, const std::string& text);

  /// Returns what a command exits with that could do everything else.
  int exit_code() const {
    return any_ ? exit_failed : exit_success;
  }

private:
  std::string command_;
  std::function<void()> before_;
  bool any_ = false;
};

} // namespace spindle::tool
