// What a writer has yet to write, cut into chunks on demand.
#pragma once

#include "spindle/export.hpp"
#include "spindle/message/writing.hpp"

#include <cstdint>
#include <deque>

namespace spindle {

/// The blocks that wait for their turn. Chunks are slices of them: nothing is
/// copied, and memory is given back block by block.
class SPINDLE_EXPORT chunk_queue {
public:
  explicit chunk_queue(write_data data);

  /// Adds a block at the end.
  void add(buffer block);

  /// Returns the number of bytes that wait.
  uint64_t bytes() const noexcept {
    return bytes_;
  }

  /// Returns whether no bytes wait.
  bool empty() const noexcept {
    return bytes_ == 0;
  }

  /// Returns how many bytes the next chunk may have: `limit`, or all of a block
  /// that must not be cut.
  uint64_t next_size(uint64_t limit) const;

  /// Takes the next chunk, of up to `limit` bytes. Must not be empty.
  buffer take(uint64_t limit);

private:
  std::deque<buffer> blocks_;
  bool cut_;
  uint64_t bytes_ = 0;
};

} // namespace spindle
