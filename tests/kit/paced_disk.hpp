// Simulates writers that share a disk, in virtual time and without actors.
#pragma once

#include "spindle/writer/pacer.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <utility>
#include <vector>

/// Simulates writers that follow their pacers, and a disk that writes one chunk
/// at a time, in the order in which they are handed over.
class paced_disk {
public:
  using duration = std::chrono::nanoseconds;
  using time_point = spindle::pacer::time_point;

  /// A chunk, with times as its writer observes them.
  struct chunk {
    time_point start;
    time_point end;
    uint64_t bytes;
  };

  struct writer {
    spindle::pacer pace;
    /// Chunks handed over so far.
    std::vector<chunk> chunks{};
    /// Number of chunks written.
    size_t written = 0;
    /// Number of chunks still to hand over.
    size_t left = 0;
    bool paused = false;
    /// Whether chunks are cut to `pacer::chunk_size`.
    bool cuts = true;
    /// Number of the current timer; events of earlier ones are ignored.
    uint64_t timer = 0;
  };

  /// @param service returns how long the disk takes for a chunk of that many
  ///                bytes.
  explicit paced_disk(std::function<duration(uint64_t)> service)
      : service_(std::move(service)) {}

  /// Returns the lateness of the next wake-up.
  std::function<duration()> overshoot = [] { return duration{0}; };

  /// Returns the share of its duty that a writer may use when a chunk is
  /// written.
  std::function<double()> share = [] { return 1.0; };

  time_point now() const {
    return now_;
  }

  /// Adds a writer that writes `count` chunks from `start` on.
  writer& add(const spindle::profile& how, size_t count,
              time_point start = time_point{}) {
    auto& res = writers_.emplace_back(writer{spindle::pacer{how, start}});
    at(start, [this, &res, count] { append(res, count); });
    return res;
  }

  /// Calls `action` at a time of the simulation.
  void at(time_point when, std::function<void()> action) {
    events_.push_back({when, ++last_event_, std::move(action)});
    std::push_heap(events_.begin(), events_.end());
  }

  /// Processes events until none is left, or up to a time.
  void run(time_point until = time_point::max()) {
    while (!events_.empty() && events_.front().when <= until) {
      std::pop_heap(events_.begin(), events_.end());
      auto next = std::move(events_.back());
      events_.pop_back();
      now_ = next.when;
      next.action();
    }
  }

  const std::deque<writer>& writers() const {
    return writers_;
  }

  /// Has the disk execute something that is not a chunk.
  /// @returns how long it waits before.
  duration execute(duration service) {
    auto start = std::max(free_at_, now_);
    free_at_ = start + service;
    return start - now_;
  }

  // -- what clients do --------------------------------------------------------

  void append(writer& w, size_t count) {
    auto was_idle = w.left == 0;
    w.left += count;
    if (was_idle)
      w.pace.on_ready(now_);
    schedule(w);
  }

  void pause(writer& w) {
    w.paused = true;
  }

  void resume(writer& w) {
    w.paused = false;
    w.pace.on_ready(now_);
    schedule(w);
  }

  void set_profile(writer& w, const spindle::profile& how) {
    w.pace.set_profile(how, now_);
    schedule(w);
  }

private:
  struct event {
    time_point when;
    uint64_t id;
    std::function<void()> action;

    bool operator<(const event& other) const {
      return std::pair{when, id} > std::pair{other.when, other.id};
    }
  };

  void schedule(writer& w) {
    ++w.timer;
    while (w.left > 0 && !w.paused) {
      auto next = w.pace.next_start();
      if (!next)
        return;
      if (*next > now_) {
        at(*next + overshoot(), [this, &w, timer = w.timer] {
          if (w.timer == timer)
            schedule(w);
        });
        return;
      }
      hand_over(w);
    }
  }

  void hand_over(writer& w) {
    --w.left;
    auto size = w.pace.current().chunk_size;
    if (w.cuts)
      size = w.pace.chunk_size(size);
    w.pace.on_handed_over(now_, size);
    free_at_ = std::max(free_at_, now_) + service_(size);
    w.chunks.push_back({now_, free_at_, size});
    at(free_at_, [this, &w, size] {
      ++w.written;
      w.pace.limit_share(share());
      w.pace.on_written(now_, size);
      schedule(w);
    });
  }

  std::function<duration(uint64_t)> service_;
  /// A heap, the next event in front.
  std::vector<event> events_;
  uint64_t last_event_ = 0;
  std::deque<writer> writers_;
  time_point now_{};
  time_point free_at_{};
};
