// What a node remembers of its clients: the requests of each that have an id.
#pragma once

#include "cafx/cafx.hpp"
#include "spindle/export.hpp"
#include "spindle/node/request_memory.hpp"

#include <cstdint>
#include <map>
#include <random>
#include <vector>

namespace spindle {

/// A repetition of a pending request; it waits for the same answer.
struct repetition {
  cafx::reply_slot slot;
  /// The client to whom it counts.
  caf::node_id client;
};

/// Returns the bytes that an answer carries.
SPINDLE_EXPORT uint64_t payload_of(const remembered_answer& result);

/// The clients of a node. A client has a number, by which it is known again
/// when it connects again. Not thread-safe.
class SPINDLE_EXPORT client_sessions {
public:
  using memory = request_memory<repetition>;

  /// Lets a client in.
  /// @param id its number; 0 for a new client.
  /// @returns its number from now on: the same one, if the client is
  /// remembered.
  uint64_t enter(uint64_t id);

  /// Returns the requests of a client, null if it is not remembered. Counts as
  /// a use.
  memory* find(uint64_t id);

  /// Forgets the clients that were used least recently.
  /// @param most how many remain.
  /// @returns repetitions of their requests that still wait for an answer.
  std::vector<repetition> forget(size_t most);

private:
  struct session {
    memory requests;
    uint64_t last_used = 0;
  };

  std::map<uint64_t, session> sessions_;
  uint64_t uses_ = 0;
  std::random_device random_;
};

} // namespace spindle
