// What was read and is not reported yet: bounded, so that memory is.
#pragma once

#include "run/json_request.hpp"
#include "run/run_lanes.hpp"

#include "spindle/message/outcome.hpp"

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace spindle::tool {

/// An operation or list between its line and its outcome.
struct backlog_item {
  /// In the order of the outcomes; the last one is that of the whole.
  std::vector<heading> headings;
  /// Operations in it, and the bytes that they carry.
  size_t operations = 0;
  uint64_t payload_bytes = 0;
  /// Memory that it takes, its expected answer included.
  uint64_t memory_bytes = 0;
  /// Counts items.
  uint64_t number = 0;
  /// The lane that it goes into.
  session_lane lane;
  /// Whether to report how far it is while it is under way.
  bool progress = false;
  /// Whether it was submitted, and the queue has not answered yet.
  bool submitting = false;
  /// Names it in the queue, once admitted.
  std::optional<spindle::ticket> ticket;
  /// Whether it is a background write: it has room of its own, and nothing
  /// waits for its outcome.
  bool background = false;
  /// Whether it has got room.
  bool held = false;
  /// Reports it; set while it is done, but something before it is not reported.
  std::function<void()> report;
};

using backlog_item_ptr = std::shared_ptr<backlog_item>;

/// How much may be in a backlog at once. One item is always let in.
struct backlog_limits {
  size_t items = 1024;
  uint64_t memory_bytes = uint64_t{64} << 20;
  /// Those of the queue.
  size_t operations = 0;
  uint64_t payload_bytes = 0;
};

/// Room for items, up to some limits.
class backlog_room {
public:
  explicit backlog_room(const backlog_limits& limits) : limits_(limits) {}

  bool fits(const backlog_item& item) const;

  void take(const backlog_item& item);

  void give_back(const backlog_item& item);

  bool empty() const {
    return items_ == 0;
  }

private:
  backlog_limits limits_;
  // What is taken.
  size_t items_ = 0;
  size_t operations_ = 0;
  uint64_t payload_bytes_ = 0;
  uint64_t memory_bytes_ = 0;
};

/// Items between their line and their outcome. Any thread may call.
class backlog {
public:
  /// @param background limits of background writes.
  explicit backlog(const backlog_limits& limits,
                   const backlog_limits& background = {});

  /// Adds an item, then waits until there is room for it. If it must not wait,
  /// returns whether there is room.
  /// @throws bad_request if its id is in use.
  bool add(const backlog_item_ptr& item, bool may_wait = true);

  /// Notes that an item is about to be submitted.
  void set_submitting(backlog_item& item);

  /// Notes under which name the queue has the item; none if it refused it.
  void set_ticket(backlog_item& item, std::optional<ticket> which);

  /// Returns the ticket of the item with that id, if the queue has it. Waits
  /// for the queue to say so.
  std::optional<ticket> find(const json& id) const;

  /// Returns whether an operation or list is not claimed.
  bool holds(const backlog_item& item) const;

  /// Claims an item in order to report it; only one caller succeeds. From then
  /// on its id may be used again.
  bool claim(const backlog_item& item);

  /// Makes the room free that a claimed item has taken, if any.
  void release(backlog_item& item);

  /// Returns the first item of a lane that is not claimed, or null. Background
  /// writes do not count.
  backlog_item_ptr first(const session_lane& lane) const;

  /// Returns all that is not claimed, in the order of adding, background writes
  /// last.
  std::vector<backlog_item_ptr> unclaimed() const;

  /// Waits until everything is released.
  void wait_until_empty() const;

  /// Likewise, but not longer than that; returns whether it is empty.
  bool wait_until_empty_for(std::chrono::nanoseconds time) const;

  /// Waits until all background writes are released, but not longer than that
  /// if a time is given.
  void wait_for_background(std::optional<std::chrono::nanoseconds> time) const;

private:
  using items_by_number = std::map<uint64_t, backlog_item_ptr>;

  backlog_room& room_of(const backlog_item& item) {
    return item.background ? background_room_ : room_;
  }

  /// Removes an item from those that are not claimed; returns whether it was
  /// there.
  bool erase_unclaimed(const backlog_item& item);

  bool empty() const {
    return room_.empty() && background_room_.empty();
  }

  mutable std::mutex mutex_;
  /// Notified when there is more room.
  mutable std::condition_variable changed_;
  /// Notified when the queue has answered a submission.
  mutable std::condition_variable answered_;
  /// Operations and lists, by lane. Each lane has at least one.
  std::map<uint64_t, items_by_number> unclaimed_;
  items_by_number unclaimed_background_;
  /// By their ids as JSON.
  std::unordered_map<std::string, backlog_item_ptr> by_id_;
  uint64_t last_number_ = 0;
  // What items have got and not released.
  backlog_room room_;
  backlog_room background_room_;
};

} // namespace spindle::tool
