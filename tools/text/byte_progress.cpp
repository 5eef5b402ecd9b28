#include "text/byte_progress.hpp"

#include "text/erase_line.hpp"

#include <cstdio>

#include <unistd.h>

namespace spindle::tool {

using namespace std::literals;

byte_progress::byte_progress(int descriptor)
    : descriptor_(descriptor), is_terminal_(::isatty(descriptor) == 1) {}

std::chrono::nanoseconds byte_progress::interval() const {
  return is_terminal_ ? 100ms : 5s;
}

void byte_progress::show(const progress_figures& now) {
  std::unique_lock guard{mutex_};
  if (finished_)
    return;
  if (is_terminal_)
    ::dprintf(descriptor_, "%s%s", erase_line, progress_bar(now).c_str());
  else
    ::dprintf(descriptor_, "%s\n", progress_text(now).c_str());
}

void byte_progress::hint(const std::string& what) {
  std::unique_lock guard{mutex_};
  if (!finished_ && is_terminal_)
    ::dprintf(descriptor_, "%s%s", erase_line, what.c_str());
}

void byte_progress::say(const std::string& what) {
  std::unique_lock guard{mutex_};
  if (!finished_)
    put(what);
}

void byte_progress::finish(const std::string& what) {
  std::unique_lock guard{mutex_};
  finished_ = true;
  put(what);
}

void byte_progress::put(const std::string& what) {
  ::dprintf(descriptor_, "%s%s\n", is_terminal_ ? erase_line : "",
            what.c_str());
}

} // namespace spindle::tool
