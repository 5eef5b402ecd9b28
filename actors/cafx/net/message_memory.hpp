// Limits the memory of partly received messages.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>

namespace cafx::net {

/// Shares memory among the receivers of messages. A receiver waits in a queue
/// until there is enough memory for its whole message, so every message that is
/// begun can be completed. Must be used by one thread.
class message_memory {
public:
  using clock = std::chrono::steady_clock;

  /// The receiver of a message.
  class receiver {
  public:
    virtual ~receiver() = default;

    /// Called when the memory is granted.
    virtual void on_room() = 0;

    /// Called when the receiver got less than `min_progress` in `progress_time`
    /// while others waited. It must call `release`.
    virtual void on_stalled() = 0;

    /// Returns the number of bytes received so far, of all messages.
    virtual uint64_t received() const = 0;
  };

  static constexpr uint64_t min_progress = uint64_t{16} << 10;

  static constexpr auto progress_time = std::chrono::seconds{2};

  /// @param capacity bytes of all messages together; a larger message is
  ///                 allowed if it is the only one.
  explicit message_memory(size_t capacity) : capacity_(capacity) {}

  /// Claims memory for a message, or a place in the queue.
  /// @returns whether the memory is granted; otherwise `on_room` is called
  ///          later.
  bool claim(receiver& who, size_t bytes, clock::time_point now);

  /// Releases the memory of `who`, or its place in the queue.
  void release(receiver& who, clock::time_point now);

  /// Calls `on_stalled` for stalled receivers if others wait. Call it
  /// regularly.
  void check(clock::time_point now);

  /// Returns whether receivers wait, so that `check` must be called.
  bool somebody_waits() const {
    return !line_.empty();
  }

  /// Returns the granted memory in bytes.
  size_t taken() const {
    return taken_;
  }

private:
  struct share {
    size_t bytes = 0;
    /// Bytes received at the last progress, and its time.
    uint64_t seen = 0;
    clock::time_point since{};
  };

  struct waiting {
    receiver* who;
    size_t bytes;
  };

  bool fits(size_t bytes) const {
    return taken_ == 0 || taken_ + bytes <= capacity_;
  }

  void take(receiver& who, size_t bytes, clock::time_point now);

  void serve(clock::time_point now);

  size_t capacity_;
  size_t taken_ = 0;
  std::map<receiver*, share> shares_;
  std::deque<waiting> line_;
};

} // namespace cafx::net
