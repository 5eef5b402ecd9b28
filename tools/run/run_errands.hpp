// A thread for what may take long and must not hold up those who want it.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace spindle::tool {

/// Calls functions, one after the other, in a thread of its own.
class errand_thread {
public:
  errand_thread();

  errand_thread(const errand_thread&) = delete;

  errand_thread& operator=(const errand_thread&) = delete;

  /// Returns when all functions were called.
  ~errand_thread();

  /// Has a function called. Any thread may call.
  void add(std::function<void()> fun);

private:
  void run();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> waiting_;
  bool ending_ = false;
  std::thread thread_;
};

} // namespace spindle::tool
