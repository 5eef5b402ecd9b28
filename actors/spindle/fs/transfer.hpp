// Loops that read and write until all is done, the end is reached, or a pipe,
// FIFO or socket took too long.
#pragma once

#include "spindle/fs/buffer.hpp"
#include "spindle/fs/vfs.hpp"

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

  /// Reads until `into` is full or nothing more is to be had. Fails with
  /// EAGAIN if time was up before the first byte of all.
  /// @returns the number of bytes.
  result<size_t> fill(std::span<std::byte> into);

  /// Returns whether nothing more is to be had.
  bool ended() const noexcept {
    return ended_;
  }

  /// Returns whether that is because time was up.
  bool timed_out() const noexcept {
    return timed_out_;
  }

private:
  result<size_t> read_some(std::span<std::byte> into);

  file& from_;
  uint64_t offset_;
  uint64_t done_ = 0;
  steady_time until_;
  bool ended_ = false;
  bool timed_out_ = false;
};

/// Returns memory of this thread for blocks on their way; what it holds is
/// lost with the next transfer.
std::span<std::byte> scratch_block();

/// Reads what a file or pipe holds from `offset` on, up to `length` bytes.
/// EFBIG if that is more than `bound`, EAGAIN if a pipe gave nothing in time.
result<buffer> read_all(file& from, uint64_t offset,
                        std::optional<uint64_t> length, uint64_t bound,
                        steady_time until);

} // namespace spindle::fs
