// Asks the queue how far operations are whose lines want to know.
#pragma once

#include "run/run_ordered_reporter.hpp"

#include "spindle/queue.hpp"

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace spindle::tool {

/// Reports once a second how far operations and lists are, until they are done.
/// Has a thread of its own.
class progress_poller {
public:
  /// How long after its submission an item is asked for first, and how long
  /// after that again.
  static constexpr auto interval = std::chrono::seconds{1};

  /// @param q has the operations.
  /// @param outcomes reports how far they are.
  progress_poller(const queue& q, ordered_reporter& outcomes);

  progress_poller(const progress_poller&) = delete;

  progress_poller& operator=(const progress_poller&) = delete;

  ~progress_poller();

  /// Reports how far an item is until it is done. Any thread may call.
  void watch(const backlog_item_ptr& item, ticket which);

  /// Returns how many items are remembered. Any thread may call.
  size_t known() const;

private:
  using clock = std::chrono::steady_clock;

  struct watched {
    /// Does not keep what an item holds once it is reported.
    std::weak_ptr<backlog_item> item;
    spindle::ticket ticket;
    clock::time_point next;
  };

  static constexpr size_t least_limit = 2048;

  void run();

  /// Forgets items that are reported. `mutex_` is locked.
  void forget_reported();

  /// Waits until an item is due, and takes all that are; none at the end.
  std::vector<watched> wait_for_due();

  /// Asks for these items and reports how far they are; returns those that are
  /// still under way.
  std::vector<watched> poll(cafx::scoped_actor& self,
                            std::vector<watched> due) const;

  caf::actor_system& system_;
  supervisor_actor supervisor_;
  ordered_reporter& outcomes_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  /// Ordered by when they are next.
  std::deque<watched> waiting_;
  /// How many may wait until reported ones are forgotten: most are reported
  /// before they are due.
  size_t limit_ = least_limit;
  bool ending_ = false;
  /// Last, since it uses the others.
  std::thread thread_;
};

} // namespace spindle::tool
