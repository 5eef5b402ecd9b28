#include "spindle/fs/kept_walks.hpp"

#include <algorithm>
#include <utility>

namespace spindle::fs {

namespace {

/// Returns whether both request pages of the same walk.
bool are_of_one_walk(const directory_walk& x, const directory_walk& y) {
  return x.path == y.path && x.glob == y.glob && x.max_depth == y.max_depth
      && x.after == y.after;
}

} // namespace

std::optional<directory_id> identify(directory& what) {
  auto info = what.stat();
  if (!info)
    return std::nullopt;
  return directory_id{info->device, info->inode};
}

kept_walks::kept_walks(clock now) : now_(std::move(now)) {}

walk_place kept_walks::take(const directory_walk& op, directory_id top) {
  std::unique_lock guard{mutex_};
  remove_old();
  auto i = std::find_if(walks_.begin(), walks_.end(), [&](const walk& x) {
    return x.top == top && are_of_one_walk(x.op, op);
  });
  if (i == walks_.end())
    return walk_place{op.after};
  auto res = std::move(i->place);
  remove(i);
  return res;
}

void kept_walks::keep(directory_walk op, directory_id top, std::string after,
                      walk_place place) {
  op.after = std::move(after);
  auto bytes = place.memory();
  std::unique_lock guard{mutex_};
  remove_old();
  memory_ += bytes;
  walks_.push_back({std::move(op), top, std::move(place), now_(), bytes});
  ++number_;
  while (walks_.size() > max_number || memory_ > max_memory)
    remove(walks_.begin());
}

size_t kept_walks::memory() {
  std::unique_lock guard{mutex_};
  return memory_;
}

void kept_walks::drop_old() {
  std::unique_lock guard{mutex_};
  remove_old();
}

void kept_walks::remove(walks::iterator which) {
  memory_ -= which->memory;
  walks_.erase(which);
  --number_;
}

void kept_walks::remove_old() {
  auto end = now_() - max_age;
  while (!walks_.empty() && walks_.front().since <= end)
    remove(walks_.begin());
}

} // namespace spindle::fs
