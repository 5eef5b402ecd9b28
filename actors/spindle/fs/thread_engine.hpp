// Makes calls in threads, so that as many wait together as there are threads.
#pragma once

#include "spindle/fs/engine.hpp"

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

namespace spindle::fs {

/// Makes calls in up to `depth` threads. A thread is started when a call waits
/// and no thread is idle; it ends with the engine. While no thread can be
/// started, the caller of `wait` and `poll` makes the calls.
class thread_engine final : public engine {
public:
  explicit thread_engine(size_t depth) noexcept : depth_(depth) {}

  thread_engine(const thread_engine&) = delete;

  thread_engine& operator=(const thread_engine&) = delete;

  ~thread_engine() override;

  engine_kind kind() const noexcept override {
    return engine_kind::threads;
  }

  size_t depth() const noexcept override {
    return depth_;
  }

  void start(device_call& call) override;

  void wait(std::vector<device_call*>& done) override;

  void poll(std::vector<device_call*>& done) override;

  void interrupt() noexcept override;

private:
  using lock = std::unique_lock<std::mutex>;

  // -- for the caller of the engine -------------------------------------------

  /// Gives the collected calls to the threads. Has no effect if it throws
  /// std::bad_alloc.
  void hand_over(lock& guard);

  /// Makes the calls of the queue in this thread.
  void run_queue(lock& guard) noexcept;

  /// Returns the calls that are done.
  void take_done(std::vector<device_call*>& done);

  /// Waits until all calls that were started are done.
  void finish(lock& guard) noexcept;

  // -- for all threads, with the mutex ----------------------------------------

  /// Lets one more thread come if calls wait for one.
  /// @returns whether `work_` must be notified.
  bool call_thread() noexcept;

  /// @returns false if no thread can be started.
  bool start_thread() noexcept;

  // -- for the threads of the engine ------------------------------------------

  void work() noexcept;

  /// Waits for a call.
  /// @returns null when the engine ends.
  device_call* next_call(lock& guard) noexcept;

  const size_t depth_;

  // Only for the caller of the engine.

  /// Calls that the threads do not know yet: `wait` hands them over together,
  /// which costs less than one by one.
  std::vector<device_call*> collected_;
  /// How many calls were started and not returned.
  size_t outstanding_ = 0;

  std::mutex mutex_;

  // Guarded by the mutex.

  /// Notified when a thread should come.
  std::condition_variable work_;
  /// Notified when a call is done or `wait` is interrupted, if `is_waiting_`.
  std::condition_variable progress_;
  std::deque<device_call*> queue_;
  /// Has room for all calls in `queue_` and those being made, so that no thread
  /// needs memory.
  std::vector<device_call*> done_;
  std::vector<std::thread> threads_;
  /// How many threads wait for `work_`.
  size_t idle_ = 0;
  /// Whether a thread was called and did not come yet.
  bool is_called_ = false;
  /// Whether the caller of the engine waits for `progress_`.
  bool is_waiting_ = false;
  bool is_interrupted_ = false;
  bool ends_ = false;
};

} // namespace spindle::fs
