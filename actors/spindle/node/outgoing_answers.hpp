// Answers on their way from a node to its clients, which need not read them.
#pragma once

#include "cafx/unsent_bytes.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <utility>

namespace spindle {

/// Counts the bytes of answers from when they are handed to CAF until they are
/// written to the socket: CAF keeps them as messages at first, and then in the
/// buffers of connections. For a moment, an answer may count as both. Not
/// thread-safe.
class outgoing_answers {
public:
  /// Answers with less are not worth counting before they are in a buffer.
  static constexpr uint64_t small = 4096;

  /// @param unsent what is in the buffers of connections; null to know nothing
  ///               of them.
  explicit outgoing_answers(std::shared_ptr<const cafx::unsent_bytes> unsent)
      : unsent_(std::move(unsent)) {}

  /// Returns whether answers are counted at all.
  bool counts() const {
    return unsent_ != nullptr;
  }

  /// An answer was handed to CAF.
  void add(const caf::node_id& client, uint64_t bytes) {
    handed_over_[client] += bytes;
    total_ += bytes;
  }

  /// CAF has put an answer into the buffer of a connection, or dropped it.
  void remove(const caf::node_id& client, uint64_t bytes) {
    total_ -= bytes;
    auto i = handed_over_.find(client);
    i->second -= bytes;
    if (i->second == 0)
      handed_over_.erase(i);
  }

  /// Returns the bytes on their way to one client.
  uint64_t of(const caf::node_id& client) const {
    auto i = handed_over_.find(client);
    return (i == handed_over_.end() ? 0 : i->second)
         + (unsent_ ? unsent_->of(client) : 0);
  }

  /// Returns the bytes in the buffers of connections.
  uint64_t unsent() const {
    return unsent_ ? unsent_->total() : 0;
  }

  /// Returns the bytes on their way to all clients.
  uint64_t total() const {
    return total_ + (unsent_ ? unsent_->total() : 0);
  }

private:
  std::shared_ptr<const cafx::unsent_bytes> unsent_;
  std::map<caf::node_id, uint64_t> handed_over_;
  uint64_t total_ = 0;
};

} // namespace spindle
