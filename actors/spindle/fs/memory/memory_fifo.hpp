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

/// A FIFO with any number of readers and writers that behaves like pipe(7). May
/// be used from several threads at once. Only `wait_ready` blocks.
class SPINDLE_EXPORT memory_fifo {
public:
  explicit memory_fifo(size_t capacity);

  /// Returns the maximum number of bytes in the buffer.
  size_t capacity() const noexcept {
    return capacity_;
  }

  // -- ends -------------------------------------------------------------------

  /// Adds a reader.
  /// @returns the `reader` argument of `wait_ready`, which does not report end
  ///          of file to a reader before the first writer has opened the FIFO.
  uint64_t open_reader();

  void close_reader();

  void open_writer();

  /// Adds a writer; ENXIO if there is no reader.
  result<void> try_open_writer();

  void close_writer();

  // -- transfers --------------------------------------------------------------

  /// @returns 0 if there is no writer, EAGAIN if there is one but no data.
  result<size_t> read(std::span<std::byte> into);

  /// Up to 4096 bytes (or the capacity) are written atomically.
  /// @returns EPIPE if there is no reader, EAGAIN if the buffer is full.
  result<size_t> write(std::span<const std::byte> from);

  /// Blocks until a transfer would not return EAGAIN, or until the deadline
  /// `until`.
  /// @returns whether it is ready; false if the deadline passed.
  bool wait_ready(bool for_write, uint64_t reader, steady_time until);

  // -- convenience for tests --------------------------------------------------

  /// Removes and returns bytes from the buffer.
  std::string take(size_t max_bytes = SIZE_MAX);

  /// Adds as many bytes as fit into the buffer.
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
  // Number of writers that were ever opened.
  uint64_t writers_ever_ = 0;
};

} // namespace spindle::fs
