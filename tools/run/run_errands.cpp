#include "run/run_errands.hpp"

#include <utility>

namespace spindle::tool {

errand_thread::errand_thread() : thread_([this] { run(); }) {}

errand_thread::~errand_thread() {
  {
    std::unique_lock guard{mutex_};
    ending_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void errand_thread::add(std::function<void()> fun) {
  std::unique_lock guard{mutex_};
  waiting_.push_back(std::move(fun));
  // Locked, because `fun` may lead to the end of this object.
  changed_.notify_all();
}

void errand_thread::run() {
  std::unique_lock guard{mutex_};
  for (;;) {
    changed_.wait(guard, [this] { return ending_ || !waiting_.empty(); });
    if (waiting_.empty())
      return;
    auto fun = std::move(waiting_.front());
    waiting_.pop_front();
    guard.unlock();
    fun();
    fun = nullptr;
    guard.lock();
  }
}

} // namespace spindle::tool
