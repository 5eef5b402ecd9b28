#include "spindle/fs/memory/memory_extents.hpp"

#include <algorithm>
#include <iterator>

namespace spindle::fs::memory {

void extents::add(uint64_t begin, uint64_t end) {
  if (begin >= end)
    return;
  auto next = parts_.upper_bound(begin);
  if (next != parts_.begin() && std::prev(next)->second >= begin)
    --next;
  while (next != parts_.end() && next->first <= end) {
    begin = std::min(begin, next->first);
    end = std::max(end, next->second);
    total_ -= next->second - next->first;
    next = parts_.erase(next);
  }
  parts_.emplace(begin, end);
  total_ += end - begin;
}

void extents::remove(uint64_t begin, uint64_t end) {
  if (begin >= end)
    return;
  // Remove all overlapping ranges, then add back their parts outside of the
  // removed range.
  auto next = parts_.upper_bound(begin);
  if (next != parts_.begin() && std::prev(next)->second > begin)
    --next;
  while (next != parts_.end() && next->first < end) {
    auto [from, to] = *next;
    total_ -= to - from;
    next = parts_.erase(next);
    if (from < begin)
      add(from, begin);
    if (to > end)
      add(end, to);
  }
}

uint64_t extents::reach(uint64_t begin, uint64_t end, uint64_t room) const {
  auto at = begin;
  while (at < end) {
    auto data = next(at);
    auto gap_end = data.empty() ? end : std::min(data.begin, end);
    if (gap_end - at > room)
      return at + room;
    room -= gap_end - at;
    at = data.empty() ? end : data.end;
  }
  return end;
}

data_extent extents::next(uint64_t offset) const {
  auto part = parts_.upper_bound(offset);
  if (part != parts_.begin() && std::prev(part)->second > offset)
    return {offset, std::prev(part)->second};
  if (part == parts_.end())
    return {};
  return {part->first, part->second};
}

} // namespace spindle::fs::memory
