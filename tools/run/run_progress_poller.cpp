#include "run/run_progress_poller.hpp"

#include <algorithm>
#include <utility>

namespace spindle::tool {

progress_poller::progress_poller(const queue& q, ordered_reporter& outcomes)
    : system_(q.system()),
      supervisor_(q.supervisor()),
      outcomes_(outcomes),
      thread_([this] { run(); }) {}

progress_poller::~progress_poller() {
  {
    std::unique_lock guard{mutex_};
    ending_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void progress_poller::watch(const backlog_item_ptr& item, ticket which) {
  std::unique_lock guard{mutex_};
  if (waiting_.size() >= limit_)
    forget_reported();
  waiting_.push_back({item, which, clock::now() + interval});
  // Otherwise the thread waits for one that is due earlier.
  if (waiting_.size() == 1)
    changed_.notify_all();
}

size_t progress_poller::known() const {
  std::unique_lock guard{mutex_};
  return waiting_.size();
}

void progress_poller::forget_reported() {
  std::erase_if(waiting_, [](const auto& x) { return x.item.expired(); });
  // Then it takes constant time for each item on average.
  limit_ = std::max(least_limit, 2 * waiting_.size());
}

void progress_poller::run() {
  cafx::scoped_actor self{system_};
  for (;;) {
    auto due = wait_for_due();
    if (due.empty())
      return;
    auto again = poll(self, std::move(due));
    std::unique_lock guard{mutex_};
    for (auto& one : again) {
      one.next = clock::now() + interval;
      waiting_.push_back(std::move(one));
    }
  }
}

std::vector<progress_poller::watched> progress_poller::wait_for_due() {
  std::unique_lock guard{mutex_};
  std::vector<watched> res;
  while (!ending_) {
    auto now = clock::now();
    while (!waiting_.empty() && waiting_.front().next <= now) {
      if (!waiting_.front().item.expired())
        res.push_back(std::move(waiting_.front()));
      waiting_.pop_front();
    }
    if (!res.empty())
      return res;
    if (waiting_.empty()) {
      changed_.wait(guard);
    } else {
      // A copy, because the item may be forgotten meanwhile.
      auto next = waiting_.front().next;
      changed_.wait_until(guard, next);
    }
  }
  return {};
}

std::vector<progress_poller::watched>
progress_poller::poll(cafx::scoped_actor& self,
                      std::vector<watched> due) const {
  auto ask = [&](ticket which) {
    return self->mail(get_progress{which}).request(supervisor_, cafx::infinite);
  };
  // All at once: over a network, each would take a round trip.
  std::vector<decltype(ask(ticket{}))> pending;
  pending.reserve(due.size());
  for (const auto& one : due)
    pending.push_back(ask(one.ticket));
  std::vector<watched> res;
  for (size_t i = 0; i < due.size(); ++i) {
    auto now = std::move(pending[i]).receive();
    auto item = due[i].item.lock();
    // Without an answer, the operation is done, or its node is lost.
    if (!now || !item)
      continue;
    outcomes_.on_progress(*item, *now);
    res.push_back(std::move(due[i]));
  }
  return res;
}

} // namespace spindle::tool
