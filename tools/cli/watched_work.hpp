// Progress and failures of a command that works with a disk.
#pragma once

#include "cli/complaints.hpp"
#include "cli/place.hpp"
#include "text/operation_line.hpp"

#include <string>
#include <utility>

#include <unistd.h>

namespace spindle::tool {

/// Shows the progress of operations on a line of the terminal, and hides that
/// line before it writes a failure.
class watched_work {
public:
  watched_work(std::string command, place& here)
      : failed(std::move(command), [this] { line.hide(); }), here_(here) {
    if (line.is_terminal())
      here_.show_on(&line);
  }

  watched_work(const watched_work&) = delete;

  watched_work& operator=(const watched_work&) = delete;

  ~watched_work() {
    here_.show_on(nullptr);
  }

  operation_line line{STDERR_FILENO};
  complaints failed;

private:
  place& here_;
};

} // namespace spindle::tool
