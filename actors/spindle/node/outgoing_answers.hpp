// The answers of a node that its clients have not read.
#pragma once

#include "cafx/unsent_bytes.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <utility>

namespace spindle {

/// Counts the bytes of answers from when CAF gets them until they are written
/// to the socket. CAF keeps an answer as a message at first, and then in the
/// buffer of a connection. For a moment, it may count as both. Not thread-safe.
class outgoing_answers {
public:
  /// Smaller answers are counted only when they are in a buffer.
  static constexpr uint64_t small = 4096;

  /// @param unsent bytes in the buffers of connections; null if answers are not
  ///               to be counted.
  explicit outgoing_answers(std::shared_ptr<const cafx::unsent_bytes> unsent)
      : unsent_(std::move(unsent)) {}

  /// Returns whether answers are counted at all.
  bool counts() const {
    return unsent_ != nullptr;
  }

  /// CAF has got an answer.
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

  /// Returns the bytes that one client has not read.
  uint64_t of(const caf::node_id& client) const {
    auto i = handed_over_.find(client);
    return (i == handed_over_.end() ? 0 : i->second)
         + (unsent_ ? unsent_->of(client) : 0);
  }

  /// Returns the bytes in the buffers of connections.
  uint64_t unsent() const {
    return unsent_ ? unsent_->total() : 0;
  }

  /// Returns the bytes that all clients have not read.
  uint64_t total() const {
    return total_ + (unsent_ ? unsent_->total() : 0);
  }

private:
  std::shared_ptr<const cafx::unsent_bytes> unsent_;
  std::map<caf::node_id, uint64_t> handed_over_;
  uint64_t total_ = 0;
};

} // namespace spindle
