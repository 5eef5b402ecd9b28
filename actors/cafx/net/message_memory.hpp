// The memory of messages that have not arrived as a whole.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>

namespace cafx::net {

/// Shares memory among those who receive messages. Who wants some waits in line
/// until there is enough for the whole message, so that whoever has begun can
/// end. For one thread.
class message_memory {
public:
  using clock = std::chrono::steady_clock;

  /// Receives a message.
  class receiver {
  public:
    virtual ~receiver() = default;

    /// There is room now.
    virtual void on_room() = 0;

    /// It got less than `min_progress` in `progress_time` while others waited;
    /// it must release what it has.
    virtual void on_stalled() = 0;

    /// Returns how many bytes have come, of all messages.
    virtual uint64_t received() const = 0;
  };

  static constexpr uint64_t min_progress = uint64_t{16} << 10;

  static constexpr auto progress_time = std::chrono::seconds{2};

  /// @param capacity bytes of all messages together; a single one may have more
  ///                 if it is alone.
  explicit message_memory(size_t capacity) : capacity_(capacity) {}

  /// Takes room for a message, or a place in line.
  /// @returns whether there is room; otherwise `on_room` is called later.
  bool claim(receiver& who, size_t bytes, clock::time_point now);

  /// Gives back what `who` has, or its place in line.
  void release(receiver& who, clock::time_point now);

  /// Ends messages that stall while others wait.
  void check(clock::time_point now);

  /// Returns whether `check` has something to do.
  bool somebody_waits() const {
    return !line_.empty();
  }

  /// Returns the bytes that are taken.
  size_t taken() const {
    return taken_;
  }

private:
  struct share {
    size_t bytes = 0;
    /// What had come, and when.
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
