#include "run/run_backlog.hpp"

#include <utility>

namespace spindle::tool {

// -- room ---------------------------------------------------------------------

bool backlog_room::fits(const backlog_item& item) const {
  auto fits = [](uint64_t held, uint64_t more, uint64_t limit) {
    return more <= limit && held <= limit - more;
  };
  return items_ == 0
      || (fits(items_, 1, limits_.items)
          && fits(operations_, item.operations, limits_.operations)
          && fits(payload_bytes_, item.payload_bytes, limits_.payload_bytes)
          && fits(memory_bytes_, item.memory_bytes, limits_.memory_bytes));
}

void backlog_room::take(const backlog_item& item) {
  ++items_;
  operations_ += item.operations;
  payload_bytes_ += item.payload_bytes;
  memory_bytes_ += item.memory_bytes;
}

void backlog_room::give_back(const backlog_item& item) {
  --items_;
  operations_ -= item.operations;
  payload_bytes_ -= item.payload_bytes;
  memory_bytes_ -= item.memory_bytes;
}

// -- items --------------------------------------------------------------------

backlog::backlog(const backlog_limits& limits, const backlog_limits& background)
    : room_(limits), background_room_(background) {}

bool backlog::add(const backlog_item_ptr& item, bool may_wait) {
  const auto& id = item->headings.back().id;
  std::unique_lock guard{mutex_};
  if (!id.is_null() && !by_id_.try_emplace(to_line(id), item).second)
    throw bad_request{"id", "an id that no unfinished operation has",
                      shown(id)};
  item->number = ++last_number_;
  auto& like = item->background ? unclaimed_background_
                                : unclaimed_[number_of(item->lane)];
  like.emplace(item->number, item);
  auto& room = room_of(*item);
  if (may_wait)
    changed_.wait(guard, [&] { return room.fits(*item); });
  else if (!room.fits(*item))
    return false;
  item->held = true;
  room.take(*item);
  return true;
}

void backlog::set_submitting(backlog_item& item) {
  std::unique_lock guard{mutex_};
  item.submitting = true;
}

void backlog::set_ticket(backlog_item& item, std::optional<ticket> which) {
  std::unique_lock guard{mutex_};
  item.submitting = false;
  item.ticket = which;
  answered_.notify_all();
}

std::optional<ticket> backlog::find(const json& id) const {
  std::unique_lock guard{mutex_};
  auto i = by_id_.find(to_line(id));
  if (i == by_id_.end())
    return std::nullopt;
  auto item = i->second;
  answered_.wait(guard, [&] { return !item->submitting; });
  return item->ticket;
}

bool backlog::holds(const backlog_item& item) const {
  std::unique_lock guard{mutex_};
  auto lane = unclaimed_.find(number_of(item.lane));
  return lane != unclaimed_.end() && lane->second.contains(item.number);
}

bool backlog::claim(const backlog_item& item) {
  std::unique_lock guard{mutex_};
  if (!erase_unclaimed(item))
    return false;
  const auto& id = item.headings.back().id;
  if (!id.is_null())
    by_id_.erase(to_line(id));
  return true;
}

bool backlog::erase_unclaimed(const backlog_item& item) {
  if (item.background)
    return unclaimed_background_.erase(item.number) > 0;
  auto lane = unclaimed_.find(number_of(item.lane));
  if (lane == unclaimed_.end() || lane->second.erase(item.number) == 0)
    return false;
  if (lane->second.empty())
    unclaimed_.erase(lane);
  return true;
}

void backlog::release(backlog_item& item) {
  std::unique_lock guard{mutex_};
  if (!std::exchange(item.held, false))
    return;
  room_of(item).give_back(item);
  changed_.notify_all();
}

backlog_item_ptr backlog::first(const session_lane& lane) const {
  std::unique_lock guard{mutex_};
  auto i = unclaimed_.find(number_of(lane));
  return i == unclaimed_.end() ? nullptr : i->second.begin()->second;
}

std::vector<backlog_item_ptr> backlog::unclaimed() const {
  std::unique_lock guard{mutex_};
  items_by_number in_order;
  for (const auto& [lane, items] : unclaimed_)
    in_order.insert(items.begin(), items.end());
  std::vector<backlog_item_ptr> res;
  for (const auto* items : {&std::as_const(in_order), &unclaimed_background_})
    for (const auto& [number, item] : *items)
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

void backlog::wait_for_background(
  std::optional<std::chrono::nanoseconds> time) const {
  std::unique_lock guard{mutex_};
  auto are_done = [this] { return background_room_.empty(); };
  if (time)
    changed_.wait_for(guard, *time, are_done);
  else
    changed_.wait(guard, are_done);
}

} // namespace spindle::tool
