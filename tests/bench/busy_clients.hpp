// Threads that do the same work again and again.
#pragma once

#include <atomic>
#include <cstddef>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace bench {

/// Clients that repeat their work until they are finished or destroyed.
class busy_clients {
public:
  busy_clients(size_t count, const std::function<void()>& work) {
    for (size_t i = 0; i < count; ++i)
      threads_.emplace_back([this, work] {
        try {
          while (!stop_)
            work();
        } catch (...) {
          std::lock_guard guard{mutex_};
          error_ = std::current_exception();
        }
      });
  }

  busy_clients(const busy_clients&) = delete;

  busy_clients& operator=(const busy_clients&) = delete;

  ~busy_clients() {
    join();
  }

  /// Waits until the work that has begun is done.
  /// @throws whatever the work has thrown.
  void finish() {
    join();
    if (error_)
      std::rethrow_exception(error_);
  }

private:
  void join() {
    stop_ = true;
    for (auto& thread : threads_)
      if (thread.joinable())
        thread.join();
  }

  std::atomic<bool> stop_ = false;
  std::mutex mutex_;
  std::exception_ptr error_;
  std::vector<std::thread> threads_;
};

} // namespace bench
