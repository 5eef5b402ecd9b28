// What a node remembers of its clients: the requests with an id of each, and
// what each has under way.
#pragma once

#include "cafx/cafx.hpp"
#include "spindle/export.hpp"
#include "spindle/node/client_account.hpp"
#include "spindle/node/request_memory.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <random>
#include <vector>

namespace spindle {

/// Who repeated a request that is being done, and waits for its answer.
struct repetition {
  cafx::reply_slot slot;
  /// Whose account has it.
  caf::node_id client;
};

/// Returns the bytes that an answer carries.
SPINDLE_EXPORT uint64_t payload_of(const remembered_answer& result);

/// The clients of a node. A client is known by a number, so that it can connect
/// again; the node that it comes from has an account. Not thread-safe.
class SPINDLE_EXPORT client_sessions {
public:
  using time_point = std::chrono::steady_clock::time_point;

  using memory = request_memory<repetition>;

  /// Lets a client in.
  /// @param id how it was called before; 0 for a new one.
  /// @returns how it is called from now on: as before, if that is remembered.
  uint64_t enter(uint64_t id, const node_limits& limits);

  /// Returns the requests of a client, null if it is not remembered. It counts
  /// as heard of.
  memory* find(uint64_t id);

  /// Forgets those clients that were not heard of for the longest time.
  /// @returns who still waits for an answer to a request of theirs.
  std::vector<repetition> forget(size_t most);

  /// Returns the account of the node that a client comes from.
  client_account& account_of(const caf::node_id& node, time_point now);

private:
  struct session {
    memory requests;
    uint64_t last_used = 0;
  };

  std::map<uint64_t, session> sessions_;
  uint64_t uses_ = 0;
  std::random_device random_;
  std::map<caf::node_id, client_account> accounts_;
};

} // namespace spindle
