#include "run/run_progress.hpp"

#include <algorithm>
#include <cstdio>

#include <unistd.h>

namespace spindle::tool {

namespace {

constexpr auto interval = std::chrono::milliseconds{100};

/// Back to the first column, then erase the rest of the line.
constexpr const char* erase = "\r\x1b[K";

} // namespace

progress_line::progress_line(int descriptor)
    : descriptor_(descriptor), is_terminal_(::isatty(descriptor) == 1) {}

void progress_line::show(const tally& counts) {
  if (!is_terminal_)
    return;
  auto now = clock::now();
  if (now < next_)
    return;
  next_ = now + interval;
  std::chrono::duration<double> elapsed = now - begin_;
  auto all = static_cast<double>(counts.succeeded + counts.failed);
  ::dprintf(descriptor_, "%s%llu done, %llu failed, %.0f/s", erase,
            static_cast<unsigned long long>(counts.succeeded),
            static_cast<unsigned long long>(counts.failed),
            all / std::max(elapsed.count(), 0.001));
  visible_ = true;
}

void progress_line::hide() {
  if (!visible_)
    return;
  ::dprintf(descriptor_, "%s", erase);
  visible_ = false;
}

} // namespace spindle::tool
