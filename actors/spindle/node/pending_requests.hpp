// The requests of a connection that have no response yet.
#pragma once

#include "spindle/export.hpp"
#include "spindle/message/interfaces.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <vector>

namespace spindle {

/// A request without a response.
struct pending_request {
  /// Called with the reason if there will be no response.
  std::function<void(failure)> on_failure;
  /// The operation or oplist, if it is a request for one.
  undone what{};
};

/// Fails a request. The failure names what was asked for, unless it names
/// something already.
SPINDLE_EXPORT void fail(pending_request& one, failure why);

/// Returns a failure that names what it is about, unless it does already.
SPINDLE_EXPORT failure about(failure why, const undone& what);

/// Returns why a request that carries so many bytes is not sent, if it is too
/// large for a message to the node.
/// @param most `max_message_bytes` of the node; 0 if it is not known.
SPINDLE_EXPORT std::optional<failure> beyond_message_limit(uint64_t most,
                                                           uint64_t bytes);

/// The requests of a connection that have no response yet: some wait for the
/// link, the others are in flight. Not thread-safe.
class SPINDLE_EXPORT pending_requests {
public:
  /// How many requests may wait for the link.
  static constexpr size_t max_waiting = 100'000;

  /// Returns whether one more request may wait for the link.
  bool has_room() const;

  /// Keeps a request until the link is up. There must be room.
  /// @param send sends it.
  void wait(std::function<void()> send, pending_request one);

  /// Sends all requests that wait for the link, in the order of asking.
  void send_waiting();

  /// Adds a request that was sent.
  /// @returns its number.
  uint64_t add(pending_request one);

  /// Removes a request that was sent.
  /// @returns the request, unless it has failed already.
  std::optional<pending_request> take(uint64_t number);

  /// Fails all requests: those that wait first, in the order of asking.
  void fail_all(const failure& why);

  bool empty() const {
    return waiting_.empty() && sent_.empty();
  }

  /// Appends the operations and oplists that were asked for.
  void add_undone(std::vector<undone>& to) const;

private:
  struct waiting_request {
    std::function<void()> send;
    pending_request one;
  };

  std::deque<waiting_request> waiting_;
  std::map<uint64_t, pending_request> sent_;
  uint64_t last_number_ = 0;
};

} // namespace spindle
