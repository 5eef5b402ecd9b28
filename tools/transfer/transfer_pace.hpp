// The pace of a transfer: when the next chunk may be written.
#pragma once

#include "cli/stop.hpp"

#include "spindle/writer/pacer.hpp"

#include <cstdint>

namespace spindle::tool {

/// Limits a transfer to a profile or a rate. Must be used by one thread only.
class transfer_pace {
public:
  /// @param how a valid profile. With a bandwidth of 100 percent, only its rate
  ///        applies, and several chunks may be in flight.
  explicit transfer_pace(const profile& how);

  /// Returns the size of chunks in bytes.
  uint64_t chunk_size() const {
    return chunk_size_;
  }

  /// Returns whether only one chunk may be in flight.
  bool one_by_one() const;

  /// Returns whether `wait` would wait.
  bool is_early() const;

  /// Waits until the next chunk may be handed over, or `stop` is requested.
  /// @param stop may be null.
  void wait(const stop_event* stop);

  /// Notes that a chunk was handed over.
  void on_handed_over(uint64_t bytes);

  /// Notes that the chunk is written. Must be called after each
  /// `on_handed_over`, immediately if several chunks may be in flight.
  void on_written(uint64_t bytes);

private:
  pacer pacer_;
  uint64_t chunk_size_;
};

} // namespace spindle::tool
