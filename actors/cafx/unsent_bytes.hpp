// Counts the bytes that wait to be sent to peers.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <utility>

#include <caf/node_id.hpp>

namespace cafx {

/// Counts the bytes in the buffers of connections that are not yet written to
/// their sockets. Any thread may use it.
class unsent_bytes {
public:
  /// Records that the buffers of a connection to `peer` have changed from
  /// `before` to `now` bytes.
  void change(const caf::node_id& peer, uint64_t before, uint64_t now) {
    std::lock_guard guard{mutex_};
    total_ += now - before;
    auto& sum = peers_[peer];
    sum += now - before;
    if (sum == 0)
      peers_.erase(peer);
  }

  /// Returns the bytes for one peer, in all connections to it.
  uint64_t of(const caf::node_id& peer) const {
    std::lock_guard guard{mutex_};
    auto i = peers_.find(peer);
    return i == peers_.end() ? 0 : i->second;
  }

  /// Returns the bytes for all peers.
  uint64_t total() const {
    std::lock_guard guard{mutex_};
    return total_;
  }

private:
  mutable std::mutex mutex_;
  uint64_t total_ = 0;
  std::map<caf::node_id, uint64_t> peers_;
};

} // namespace cafx
