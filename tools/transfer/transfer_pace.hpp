// How fast chunks may follow each other.
#pragma once

#include "cli/stop.hpp"

#include "spindle/writer/pacer.hpp"

#include <cstdint>

namespace spindle::tool {

/// Keeps a transfer to a profile, or to a rate. Belongs to one thread.
class transfer_pace {
public:
  /// @param how must be free of defects. With a share of 100 percent, only its
  ///        rate counts, and several chunks may be under way at once.
  explicit transfer_pace(const profile& how);

  /// Returns how large chunks should be.
  uint64_t chunk_size() const {
    return chunk_size_;
  }

  /// Returns whether a chunk must be written before the next one.
  bool one_by_one() const;

  /// Returns whether the next chunk has to wait.
  bool is_early() const;

  /// Waits until the next chunk may be handed over, or until it is stopped.
  void wait(const stop_event* stop);

  /// So many bytes are handed over.
  void on_handed_over(uint64_t bytes);

  /// They are written. To be called after each `on_handed_over`, without delay
  /// if it need not be waited for.
  void on_written(uint64_t bytes);

private:
  pacer pacer_;
  uint64_t chunk_size_;
};

} // namespace spindle::tool
