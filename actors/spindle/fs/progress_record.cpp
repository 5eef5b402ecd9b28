#include "spindle/fs/progress_record.hpp"

#include "spindle/fs/path.hpp"

#include <algorithm>
#include <utility>

namespace spindle::fs {

namespace {

constexpr auto between_paths = std::chrono::milliseconds{100};

} // namespace

void progress_record::begin(const std::string& path) {
  std::lock_guard guard{mutex_};
  top_ = path;
  below_.clear();
}

bool progress_record::is_path_due() {
  auto now = std::chrono::steady_clock::now();
  if (now < next_path_)
    return false;
  next_path_ = now + between_paths;
  return true;
}

void progress_record::set_path(std::string below) {
  std::lock_guard guard{mutex_};
  below_ = std::move(below);
}

progress_figures progress_record::read() const {
  progress_figures res{.bytes = bytes_.load(std::memory_order_relaxed),
                       .entries = entries_.load(std::memory_order_relaxed)};
  // A file may grow while it is copied.
  if (auto total = total_bytes_.load(std::memory_order_relaxed); total > 0)
    res.total_bytes = std::max(total, res.bytes);
  std::lock_guard guard{mutex_};
  res.path = below_.empty() ? top_ : joined(top_, below_);
  return res;
}

} // namespace spindle::fs
