#include "spindle/fs/sorted_entries.hpp"

#include <algorithm>
#include <utility>

namespace spindle::fs {

namespace {

/// Minimum number of entries in memory at a time.
constexpr size_t min_kept = 256;

bool by_name(const directory_entry& x, const directory_entry& y) {
  return x.name < y.name;
}

/// Returns how much memory an entry takes.
size_t memory_of(const directory_entry& x) {
  // Overhead of the allocator for each block.
  constexpr size_t overhead = 16;
  constexpr size_t bytes_within = 15;
  return sizeof(x)
       + (x.name.size() > bytes_within ? x.name.size() + 1 + overhead : 0);
}

} // namespace

void sorted_entries::begin_reading(size_t bytes) {
  forget();
  has_more_ = false;
  reading_ = true;
  all_read_ = false;
  max_bytes_ = bytes;
}

result<bool> sorted_entries::read_some(directory& where) {
  if (!all_read_) {
    std::vector<directory_entry> batch;
    auto listed = where.read(batch);
    if (!listed) {
      clear();
      return fail(listed.error());
    }
    all_read_ = !*listed;
    add(std::move(batch));
  } else if (runs_.size() > 1) {
    merge_runs();
  }
  reading_ = !all_read_ || runs_.size() > 1;
  return reading_;
}

result<void> sorted_entries::read(directory& where, size_t bytes) {
  begin_reading(bytes);
  for (;;) {
    auto more = read_some(where);
    if (!more)
      return fail(more.error());
    if (!*more)
      return {};
  }
}

void sorted_entries::add(std::vector<directory_entry> batch) {
  auto begin = entries_.size();
  for (auto& x : batch)
    if (x.name >= from_ && (!has_more_ || x.name < end_)) {
      bytes_ += memory_of(x);
      entries_.push_back(std::move(x));
    }
  if (entries_.size() > begin) {
    std::sort(entries_.begin() + static_cast<ptrdiff_t>(begin), entries_.end(),
              by_name);
    runs_.push_back(begin);
  }
  while (runs_.size() > 1
         && runs_.back() - runs_[runs_.size() - 2]
              <= entries_.size() - runs_.back())
    merge_runs();
  if (bytes_ > max_bytes_ && entries_.size() >= 2 * min_kept)
    end_ = halve();
}

void sorted_entries::merge_runs() {
  auto middle = entries_.begin() + static_cast<ptrdiff_t>(runs_.back());
  runs_.pop_back();
  auto begin = entries_.begin() + static_cast<ptrdiff_t>(runs_.back());
  std::inplace_merge(begin, middle, entries_.end(), by_name);
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
  while (runs_.size() > 1)
    merge_runs();
  auto middle = entries_.begin() + static_cast<ptrdiff_t>(entries_.size() / 2);
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
  reading_ = false;
  runs_.clear();
}

} // namespace spindle::fs
