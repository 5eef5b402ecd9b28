// The data that a writer has not handed over, cut into chunks on demand.
#pragma once

#include "spindle/export.hpp"
#include "spindle/message/writing.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>

namespace spindle {

/// A queue of blocks of data. Chunks are slices of the blocks: nothing is
/// copied, and a block is released when all chunks of it are.
class SPINDLE_EXPORT chunk_queue {
public:
  explicit chunk_queue(write_data data);

  /// Adds a block at the end.
  void add(buffer block);

  /// Cuts all blocks into chunks from now on.
  void cut() {
    cut_ = true;
  }

  /// Returns the number of bytes in the queue.
  uint64_t bytes() const noexcept {
    return bytes_;
  }

  /// Returns the number of blocks in the queue.
  size_t blocks() const noexcept {
    return blocks_.size();
  }

  /// Returns whether there are no bytes in the queue.
  bool empty() const noexcept {
    return bytes_ == 0;
  }

  /// Returns the size of the next chunk: at most `limit`, or that of a block
  /// that must not be cut; 0 if the queue is empty.
  uint64_t next_size(uint64_t limit) const;

  /// Takes the next chunk, of up to `limit` bytes. Must not be empty.
  buffer take(uint64_t limit);

private:
  std::deque<buffer> blocks_;
  bool cut_;
  uint64_t bytes_ = 0;
};

} // namespace spindle
