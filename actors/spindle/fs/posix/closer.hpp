// Closes descriptors in a thread of its own, because closing a removed file for
// the last time frees its blocks, which can take long.
#pragma once

#include "spindle/fs/posix/posix_call.hpp"
#include "spindle/fs/vfs.hpp"

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>

namespace spindle::fs::posix {

/// Closes descriptors one after the other in a thread, which the first
/// descriptor starts. All members may be called from any thread. Not for a
/// process that was forked without exec(2), which does not have the thread.
class closer {
public:
  /// How many descriptors may be held or wait to be closed. Other files need
  /// descriptors, too: many processes may have no more than 1024.
  static constexpr size_t max_held = 64;

  closer() = default;

  closer(const closer&) = delete;

  closer& operator=(const closer&) = delete;

  /// Waits until all descriptors are closed.
  ~closer();

  /// Reserves a place for a descriptor; `add` must be called later.
  /// @returns false if there are `max_held`.
  bool reserve();

  /// Lets the thread close a descriptor; closes it at once if no thread can be
  /// started.
  /// @returns a number for `wait`.
  uint64_t add(descriptor what) noexcept;

  /// Waits at most `most` until the descriptor with this number is closed.
  /// @returns whether it is closed.
  bool wait(uint64_t number, std::chrono::nanoseconds most);

private:
  /// Passes a descriptor to the thread, and starts that if there is none.
  /// @returns whether that was possible.
  bool hand_over(descriptor& what) noexcept;

  void run();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<descriptor> pending_;
  /// Number of descriptors that are held or wait to be closed.
  size_t held_ = 0;
  uint64_t added_ = 0;
  /// How many of the added descriptors are closed; they are closed in order.
  uint64_t closed_ = 0;
  bool ends_ = false;
  std::thread thread_;
};

/// Holds the file of an O_PATH descriptor.
/// @returns null if removing its name would not free the space of a large file,
///          if too many are held, or if the file system does not support it.
result<held_ptr> hold_found(const std::shared_ptr<closer>& by,
                            descriptor found);

/// Holds the file at `path`, relative to the open directory `base`. Does not
/// follow a symbolic link at its end. Costs one system call if it returns null
/// because the file is small.
/// @returns null in the same cases as `hold_found`.
result<held_ptr> hold_at(const std::shared_ptr<closer>& by, int base,
                         const char* path);

} // namespace spindle::fs::posix
