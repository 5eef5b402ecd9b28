// Admits what the clients of a node ask for, within its limits.
#pragma once

#include "spindle/export.hpp"
#include "spindle/message/node_limits.hpp"
#include "spindle/node/client_account.hpp"
#include "spindle/node/outgoing_answers.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>

namespace spindle {

/// Counts what each client of a node has pending, and what all of them hold.
/// Refuses what is beyond a limit. Not thread-safe.
class SPINDLE_EXPORT client_admission {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// @param unsent bytes that connections hold for clients that do not read;
  ///               null if answers are not to be counted.
  client_admission(node_limits limits,
                   std::shared_ptr<const cafx::unsent_bytes> unsent);

  const node_limits& limits() const {
    return limits_;
  }

  /// Applies other limits, except for those that the listener has.
  void apply(const node_limits& x);

  /// Admits a request.
  /// @param bytes that its operations carry.
  /// @returns why it is refused, if it is.
  std::optional<failure> admit(const caf::node_id& client, size_t ops,
                               uint64_t bytes, time_point now);

  /// A request that was admitted is done.
  void release(const caf::node_id& client, size_t ops, uint64_t bytes,
               time_point now);

  /// Admits a writer.
  /// @param bytes that it was given to write.
  /// @returns why it is refused, if it is.
  std::optional<failure> admit_writer(const caf::node_id& client,
                                      uint64_t bytes, time_point now);

  /// A writer that was admitted has ended.
  void release_writer(const caf::node_id& client, uint64_t bytes,
                      time_point now);

  /// Returns why a client cannot get an answer of that size, if it cannot: it
  /// has not read enough of those before.
  std::optional<failure> answer_excess(const caf::node_id& client,
                                       uint64_t bytes) const;

  /// The answers that clients have not read.
  outgoing_answers& answers() {
    return answers_;
  }

private:
  /// Returns why the node has no room for that many bytes, if it has none.
  std::optional<failure> node_excess(uint64_t bytes) const;

  client_account& account_of(const caf::node_id& client, time_point now);

  node_limits limits_;
  outgoing_answers answers_;
  std::map<caf::node_id, client_account> accounts_;
  /// Bytes that pending requests and writers carry.
  uint64_t held_bytes_ = 0;
};

} // namespace spindle
