// Loops that read and write until all is done, the end is reached, or a pipe,
// FIFO or socket took too long.
#pragma once

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
};

/// Returns memory of this thread for blocks on their way; what it holds is
/// lost with the next transfer.
std::span<std::byte> scratch_block();

/// Reads what a file or pipe holds from `offset` on, up to `length` bytes.
/// EFBIG if that is more than `bound`, EAGAIN if a pipe had not come to its end
/// in time; then as many bytes as the error says came and are lost.
task<tl::expected<buffer, progress>> read_all(file& from, uint64_t offset,
                                              std::optional<uint64_t> length,
                                              uint64_t bound, steady_time until,
                                              slices rests = {});

} // namespace spindle::fs
