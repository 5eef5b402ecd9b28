#include "spindle/fs/descent.hpp"

#include <algorithm>
#include <utility>

namespace spindle::fs {

descent::descent(vfs& disk, directory_ptr top, std::vector<std::string> names)
    : disk_(disk), names_(std::move(names)) {
  open_.resize(names_.size() + 1);
  open_.front() = std::move(top);
}

result<directory*> descent::current() {
  auto depth = open_.size() - 1;
  while (!open_[depth])
    --depth;
  for (; depth < names_.size(); ++depth) {
    auto next = disk_.open_directory(*open_[depth], names_[depth], false);
    if (!next)
      return fail(next.error());
    open_[depth + 1] = std::move(*next);
    limit_open(depth + 1);
  }
  return open_.back().get();
}

result<void> descent::enter(const std::string& name) {
  auto here = current();
  if (!here)
    return fail(here.error());
  auto next = disk_.open_directory(**here, name, false);
  if (!next)
    return fail(next.error());
  names_.push_back(name);
  open_.push_back(std::move(*next));
  limit_open(open_.size() - 1);
  return {};
}

void descent::reopen() {
  for (auto i = open_.begin() + 1; i != open_.end(); ++i)
    i->reset();
}

void descent::leave() {
  names_.pop_back();
  open_.pop_back();
}

std::string descent::path() const {
  if (names_.empty())
    return ".";
  auto res = names_.front();
  for (size_t i = 1; i < names_.size(); ++i) {
    res += '/';
    res += names_[i];
  }
  return res;
}

void descent::limit_open(size_t depth) {
  for (size_t step = 1; 4 * step < depth; step *= 2) {
    auto above = depth - 4 * step;
    auto is_odd_multiple = above % (2 * step) == step;
    if (is_odd_multiple)
      open_[above].reset();
  }
}

result<directory_ptr> open_below(vfs& disk, const directory& top,
                                 const std::string& path) {
  directory_ptr here;
  for (size_t begin = 0; begin < path.size();) {
    auto end = std::min(path.find('/', begin), path.size());
    auto next = disk.open_directory(here ? *here : top,
                                    path.substr(begin, end - begin), false);
    if (!next)
      return fail(next.error());
    here = std::move(*next);
    begin = end + 1;
  }
  return here;
}

result<std::vector<directory_entry>> read_entries(directory& from) {
  std::vector<directory_entry> res;
  for (;;) {
    auto more = from.read(res);
    if (!more)
      return fail(more.error());
    if (!*more)
      return res;
  }
}

} // namespace spindle::fs
