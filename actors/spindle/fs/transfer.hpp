// Loops that read and write until all is done, the end is reached, or a pipe,
// FIFO or socket took too long.
#pragma once

#include "spindle/fs/device_calls.hpp"
#include "spindle/fs/growing_memory.hpp"
#include "spindle/fs/slice.hpp"
#include "spindle/fs/task.hpp"
#include "spindle/fs/vfs.hpp"
#include "spindle/ops/buffer.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace spindle::fs {

/// How far a transfer got.
struct progress {
  uint64_t bytes = 0;
  /// 0 if everything was transferred, EAGAIN if time was up.
  int sys_errno = 0;
};

/// Returns whether a transfer fails for good if a call that only makes it
/// faster (to share blocks, to copy within the system, or to write back early)
/// has this error. All other errors mean that the file systems or a sandbox do
/// not allow that call; if there is more to it, reading and writing will tell.
bool is_final(int sys_errno);

/// Writes `from` to `to` from `offset` on. 0 stands for the position of the
/// file, so that pipes and files opened to append can be written, too.
/// @param until when a pipe, FIFO or socket is given up.
progress write_all(file& to, std::span<const std::byte> from, uint64_t offset,
                   steady_time until);

/// Reads a file or pipe block by block.
class block_reader {
public:
  /// @param offset where to begin; 0 stands for the position of the file, so
  ///               that pipes can be read, too.
  /// @param until when a pipe, FIFO or socket is given up.
  block_reader(file& from, uint64_t offset, steady_time until)
      : from_(from), offset_(offset), until_(until) {}

  /// Reads until `into` is full or the end is reached. Fails with EAGAIN if
  /// time was up before: what is not whole must not look whole.
  /// @returns the number of bytes.
  result<size_t> fill(std::span<std::byte> into);

  /// From now on, `fill` returns less, or fails with `would_wait`, where the
  /// device must be awaited.
  void avoid_waiting() noexcept {
    cached_ = true;
  }

  /// Ends that.
  void allow_waiting() noexcept {
    cached_ = false;
  }

  /// Returns the call that reads what follows. Must not be used for a pipe:
  /// only after `fill` has failed with `would_wait`.
  read_call next_call(std::span<std::byte> into) {
    return {from_, offset_ + done_, into};
  }

  /// Takes the result of that call.
  result<size_t> take(result<size_t> got);

  /// Returns whether the end was reached.
  bool ended() const noexcept {
    return ended_;
  }

  /// Returns how many bytes came, be it in vain.
  uint64_t bytes() const noexcept {
    return done_;
  }

private:
  result<size_t> read_some(std::span<std::byte> into);

  /// Returns whether what gave no byte is at its end: a FIFO is not before
  /// somebody has opened it for writing.
  result<bool> is_at_end();

  file& from_;
  uint64_t offset_;
  uint64_t done_ = 0;
  steady_time until_;
  bool ended_ = false;
  bool opened_by_writer_ = false;
  /// Whether only what is in memory is read.
  bool cached_ = false;
  /// Whether it is a file that is read at offsets.
  bool has_offsets_ = false;
};

/// Returns memory of this thread for blocks on their way; what it holds is
/// lost with the next transfer.
std::span<std::byte> scratch_block();

/// Reads what a file or pipe has from an offset on, up to a number of bytes.
class content_reader {
public:
  /// @param offset as for `block_reader`.
  /// @param length number of bytes; all if empty.
  /// @param bound the read fails with EFBIG if there are more bytes.
  /// @param until when a pipe, FIFO or socket is given up.
  content_reader(file& from, uint64_t offset, std::optional<uint64_t> length,
                 uint64_t bound, steady_time until);

  /// Reads the first block.
  /// @param cached whether to read only what the system has in memory.
  /// @returns the content, or nothing if there may be more. Then the same
  /// thread
  ///          must call `rest` next.
  result<std::optional<buffer>> first(bool cached = false);

  /// Reads what follows the first block, a piece at a time, and rests between
  /// the pieces. Awaits the device if the first block was not in memory.
  /// @returns the content, including the first block.
  task<result<buffer>> rest(slices rests);

  /// Returns how many bytes came, also if the read failed.
  uint64_t bytes() const noexcept {
    return source_.bytes();
  }

private:
  result<std::optional<buffer>> read_few();

  /// Reads the next piece into `memory`.
  task<result<void>> read_piece(growing_memory& memory, slices rests);

  /// Returns EFBIG if there are more bytes than allowed.
  result<buffer> within_bound(buffer res) const;

  file& from_;
  block_reader source_;
  uint64_t offset_;
  uint64_t want_;
  uint64_t bound_;
  /// What to read at most: one byte more than allowed shows that there is more.
  uint64_t most_;
  /// Whether the device must be awaited.
  bool is_cold_ = false;
};

} // namespace spindle::fs
