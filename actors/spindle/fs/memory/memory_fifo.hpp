// The FIFO of memory_vfs.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <span>
#include <string>
#include <string_view>

#include "spindle/export.hpp"
#include "spindle/fs/vfs.hpp"

namespace spindle::fs {

/// A buffer with any number of readers and writers, that behaves as pipe(7)
/// says. May be used from several threads at once. No member but `wait_ready`
/// waits.
class SPINDLE_EXPORT memory_fifo {
public:
  explicit memory_fifo(size_t capacity);

  /// Returns how many bytes there is room for when nobody reads.
  size_t capacity() const noexcept {
    return capacity_;
  }

  // -- ends -------------------------------------------------------------------

  /// Adds a reader.
  /// @returns what to pass to `wait_ready`: a reader that came before any
  ///          writer is not told that there is none.
  uint64_t open_reader();

  void close_reader();

  void open_writer();

  /// Adds a writer if there is a reader, else ENXIO.
  result<void> try_open_writer();

  void close_writer();

  // -- transfers --------------------------------------------------------------

  /// @returns 0 if there is no writer, and EAGAIN if one might still write.
  result<size_t> read(std::span<std::byte> into);

  /// Up to 4096 bytes (or the capacity) are written as a whole.
  /// @returns EPIPE if there is no reader, and EAGAIN if there is no room.
  result<size_t> write(std::span<const std::byte> from);

  /// Waits until a transfer would not return EAGAIN, or `until`.
  /// @returns whether it would not.
  bool wait_ready(bool for_write, uint64_t reader, steady_time until);

  // -- convenience for tests --------------------------------------------------

  /// Takes what is in the buffer.
  std::string take(size_t max_bytes = SIZE_MAX);

  /// Puts as much as there is room for into the buffer.
  /// @returns the number of bytes.
  size_t put(std::string_view text);

private:
  size_t room_for(size_t bytes) const;

  void forget_if_unused();

  const size_t capacity_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::string content_;
  size_t readers_ = 0;
  size_t writers_ = 0;
  // How many writers there have been.
  uint64_t writers_ever_ = 0;
};

} // namespace spindle::fs
