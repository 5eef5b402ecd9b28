// Two threads that take turns, and a third thread that gets the results.
#include "contestants.hpp"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <exception>
#include <future>
#include <mutex>
#include <utility>
#include <vector>

namespace bench {

namespace {

using content = std::unique_ptr<char[]>;

/// What was read in one turn.
using contents = std::vector<content>;

/// Passes what was read from thread to thread.
class outbox {
public:
  void put(contents x) {
    {
      std::lock_guard guard{mutex_};
      filled_.push_back(std::move(x));
    }
    changed_.notify_one();
  }

  /// Waits for the contents of `count` turns, and frees them.
  void drain(size_t count) {
    for (; count > 0; --count) {
      std::unique_lock guard{mutex_};
      changed_.wait(guard, [this] { return !filled_.empty(); });
      auto next = std::move(filled_.front());
      filled_.pop_front();
      guard.unlock();
    }
  }

private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<contents> filled_;
};

/// Counts turns. The number of a turn says which thread has it.
class turn_counter {
public:
  void wait_for(size_t number) {
    std::unique_lock guard{mutex_};
    changed_.wait(guard, [&] { return now_ == number; });
  }

  void pass() {
    {
      std::lock_guard guard{mutex_};
      ++now_;
    }
    changed_.notify_one();
  }

private:
  std::mutex mutex_;
  std::condition_variable changed_;
  size_t now_ = 0;
};

contents do_turn(const workload& work, size_t first, size_t last) {
  contents res;
  res.reserve(last - first);
  for (auto i = first; i < last; ++i) {
    if (work.what() == action::read)
      res.push_back(std::make_unique_for_overwrite<char[]>(file_size));
    do_action(work, i,
              work.what() == action::read ? res.back().get() : nullptr);
  }
  return res;
}

} // namespace

contestant threads_in_turns(size_t length) {
  return {"threads in turns of " + std::to_string(length),
          [length](const workload& work) {
            auto turns = (work.ops() + length - 1) / length;
            outbox results;
            turn_counter turn;
            auto take_turns = [&](size_t first) {
              std::exception_ptr error;
              for (auto i = first; i < turns; i += 2) {
                turn.wait_for(i);
                contents res;
                try {
                  res = do_turn(work, i * length,
                                std::min((i + 1) * length, work.ops()));
                } catch (...) {
                  error = std::current_exception();
                }
                // Also after a failure. Otherwise the other thread would wait
                // forever.
                turn.pass();
                results.put(std::move(res));
              }
              if (error)
                std::rethrow_exception(error);
            };
            auto one = std::async(std::launch::async, take_turns, size_t{0});
            auto other = std::async(std::launch::async, take_turns, size_t{1});
            results.drain(turns);
            one.get();
            other.get();
          }};
}

} // namespace bench
