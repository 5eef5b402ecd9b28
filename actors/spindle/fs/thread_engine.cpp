#include "spindle/fs/thread_engine.hpp"

#include "spindle/fs/posix/without_signals.hpp"

#include <algorithm>
#include <exception>
#include <new>
#include <utility>

namespace spindle::fs {

// -- for the caller of the engine ---------------------------------------------

thread_engine::~thread_engine() {
  {
    lock guard{mutex_};
    finish(guard);
    ends_ = true;
  }
  work_.notify_all();
  // Only a thread that has a call starts another, so there are no more.
  for (auto& thread : threads_)
    thread.join();
}

void thread_engine::start(device_call& call) {
  collected_.push_back(&call);
  ++outstanding_;
}

void thread_engine::wait(std::vector<device_call*>& done) {
  lock guard{mutex_};
  hand_over(guard);
  while (done_.empty() && !is_interrupted_ && outstanding_ > 0) {
    is_waiting_ = true;
    progress_.wait(guard);
  }
  is_waiting_ = false;
  take_done(done);
  is_interrupted_ = false;
}

void thread_engine::poll(std::vector<device_call*>& done) {
  lock guard{mutex_};
  hand_over(guard);
  take_done(done);
}

void thread_engine::interrupt() noexcept {
  lock guard{mutex_};
  is_interrupted_ = true;
  if (std::exchange(is_waiting_, false))
    progress_.notify_one();
}

void thread_engine::hand_over(lock& guard) {
  if (collected_.empty())
    return;
  if (done_.capacity() < outstanding_)
    done_.reserve(std::max(outstanding_, 2 * done_.capacity()));
  queue_.insert(queue_.end(), collected_.begin(), collected_.end());
  collected_.clear();
  auto notifies = call_thread();
  if (threads_.empty())
    return run_queue(guard);
  if (notifies) {
    guard.unlock();
    work_.notify_one();
    guard.lock();
  }
}

void thread_engine::run_queue(lock& guard) noexcept {
  while (!queue_.empty()) {
    auto& next = *queue_.front();
    queue_.pop_front();
    // Others may interrupt meanwhile.
    guard.unlock();
    next.run();
    guard.lock();
    done_.push_back(&next);
  }
}

void thread_engine::take_done(std::vector<device_call*>& done) {
  done.insert(done.end(), done_.begin(), done_.end());
  outstanding_ -= done_.size();
  done_.clear();
}

void thread_engine::finish(lock& guard) noexcept {
  try {
    hand_over(guard);
  } catch (const std::bad_alloc&) {
    for (auto* call : collected_)
      call->run();
    outstanding_ -= collected_.size();
  }
  while (done_.size() < outstanding_) {
    is_waiting_ = true;
    progress_.wait(guard);
  }
}

// -- for all threads ----------------------------------------------------------

// One thread comes at a time, and calls the next one. If the calls are short,
// the first thread makes all of them before a second one would be awake, which
// costs less than waking one for each call.
bool thread_engine::call_thread() noexcept {
  if (queue_.empty() || is_called_)
    return false;
  if (idle_ > 0)
    return is_called_ = true;
  if (threads_.size() < depth_)
    is_called_ = start_thread();
  return false;
}

bool thread_engine::start_thread() noexcept {
  try {
    posix::without_signals guard;
    threads_.emplace_back([this] { work(); });
    return true;
  } catch (const std::exception&) {
    // The limit of threads or of memory is reached.
    return false;
  }
}

// -- for the threads of the engine --------------------------------------------

void thread_engine::work() noexcept {
  lock guard{mutex_};
  is_called_ = false;
  while (auto* next = next_call(guard)) {
    auto notifies = call_thread();
    guard.unlock();
    if (notifies)
      work_.notify_one();
    next->run();
    guard.lock();
    done_.push_back(next);
    if (std::exchange(is_waiting_, false))
      progress_.notify_one();
  }
}

device_call* thread_engine::next_call(lock& guard) noexcept {
  while (queue_.empty() && !ends_) {
    ++idle_;
    work_.wait(guard);
    --idle_;
    is_called_ = false;
  }
  if (queue_.empty())
    return nullptr;
  auto* res = queue_.front();
  queue_.pop_front();
  return res;
}

} // namespace spindle::fs
