#include "spindle/fs/sorted_entries.hpp"

#include <algorithm>
#include <utility>

namespace spindle::fs {

namespace {

/// The fewest entries that are kept at a time.
constexpr size_t min_kept = 256;

bool by_name(const directory_entry& x, const directory_entry& y) {
  return x.name < y.name;
}

/// Returns how much memory an entry takes.
size_t memory_of(const directory_entry& x) {
  // What the allocator adds to each block.
  constexpr size_t overhead = 16;
  constexpr size_t bytes_within = 15;
  return sizeof(x)
       + (x.name.size() > bytes_within ? x.name.size() + 1 + overhead : 0);
}

} // namespace

result<void> sorted_entries::read(directory& where, size_t bytes) {
  forget();
  has_more_ = false;
  // The least name that has no room; valid if there are more.
  std::string end;
  std::vector<directory_entry> batch;
  for (auto more = true; more;) {
    batch.clear();
    auto listed = where.read(batch);
    if (!listed)
      return fail(listed.error());
    more = *listed;
    for (auto& x : batch) {
      if (x.name < from_ || (has_more_ && x.name >= end))
        continue;
      bytes_ += memory_of(x);
      entries_.push_back(std::move(x));
      if (bytes_ > bytes && entries_.size() >= 2 * min_kept)
        end = halve();
    }
  }
  std::sort(entries_.begin(), entries_.end(), by_name);
  return {};
}

void sorted_entries::forget() {
  has_more_ = has_more_ || next();
  if (next_ > 0)
    from_ = entries_[next_ - 1].name + '\0';
  clear();
}

void sorted_entries::finish() {
  has_more_ = false;
  clear();
}

std::string sorted_entries::halve() {
  auto middle = entries_.begin() + static_cast<ptrdiff_t>(entries_.size() / 2);
  std::nth_element(entries_.begin(), middle, entries_.end(), by_name);
  auto res = middle->name;
  for (auto i = middle; i != entries_.end(); ++i)
    bytes_ -= memory_of(*i);
  entries_.erase(middle, entries_.end());
  has_more_ = true;
  return res;
}

void sorted_entries::clear() {
  entries_ = {};
  next_ = 0;
  bytes_ = 0;
}

} // namespace spindle::fs
