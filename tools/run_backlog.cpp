#include "run_backlog.hpp"

#include <utility>

namespace spindle::tool {

backlog::backlog(const backlog_limits& limits) : limits_(limits) {}

void backlog::add(const backlog_item_ptr& item) {
  const auto& id = item->headings.back().id;
  std::unique_lock guard{mutex_};
  if (!id.is_null() && !by_id_.try_emplace(to_line(id), item).second)
    throw bad_request{"id", "an id that no unfinished operation has",
                      shown(id)};
  item->number = ++last_number_;
  unclaimed_.emplace(item->number, item);
  changed_.wait(guard, [&] { return has_room_for(*item); });
  item->held = true;
  ++held_items_;
  held_operations_ += item->operations;
  held_payload_bytes_ += item->payload_bytes;
  held_memory_bytes_ += item->memory_bytes;
}

void backlog::set_ticket(backlog_item& item, ticket which) {
  std::unique_lock guard{mutex_};
  item.ticket = which;
}

std::optional<ticket> backlog::find(const json& id) const {
  std::unique_lock guard{mutex_};
  auto i = by_id_.find(to_line(id));
  return i == by_id_.end() ? std::nullopt : i->second->ticket;
}

bool backlog::claim(const backlog_item& item) {
  std::unique_lock guard{mutex_};
  if (unclaimed_.erase(item.number) == 0)
    return false;
  const auto& id = item.headings.back().id;
  if (!id.is_null())
    by_id_.erase(to_line(id));
  return true;
}

void backlog::release(backlog_item& item) {
  std::unique_lock guard{mutex_};
  if (!std::exchange(item.held, false))
    return;
  --held_items_;
  held_operations_ -= item.operations;
  held_payload_bytes_ -= item.payload_bytes;
  held_memory_bytes_ -= item.memory_bytes;
  changed_.notify_all();
}

backlog_item_ptr backlog::first() const {
  std::unique_lock guard{mutex_};
  return unclaimed_.empty() ? nullptr : unclaimed_.begin()->second;
}

std::vector<backlog_item_ptr> backlog::unclaimed() const {
  std::unique_lock guard{mutex_};
  std::vector<backlog_item_ptr> res;
  res.reserve(unclaimed_.size());
  for (const auto& [number, item] : unclaimed_)
    res.push_back(item);
  return res;
}

void backlog::wait_until_empty() const {
  std::unique_lock guard{mutex_};
  changed_.wait(guard, [this] { return empty(); });
}

bool backlog::wait_until_empty_for(std::chrono::nanoseconds time) const {
  std::unique_lock guard{mutex_};
  return changed_.wait_for(guard, time, [this] { return empty(); });
}

bool backlog::has_room_for(const backlog_item& item) const {
  auto fits = [](uint64_t held, uint64_t more, uint64_t limit) {
    return more <= limit && held <= limit - more;
  };
  return held_items_ == 0
      || (fits(held_items_, 1, limits_.items)
          && fits(held_operations_, item.operations, limits_.operations)
          && fits(held_payload_bytes_, item.payload_bytes,
                  limits_.payload_bytes)
          && fits(held_memory_bytes_, item.memory_bytes, limits_.memory_bytes));
}

bool backlog::empty() const {
  return held_items_ == 0;
}

} // namespace spindle::tool
