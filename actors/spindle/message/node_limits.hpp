// What clients of a node may have under way at once.
#pragma once

#include "spindle/message/profile.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>

namespace spindle {

/// Limits of each client of a node, and of all of them together. A client is a
/// process that is connected, however many actors it has. What is beyond a
/// limit is refused with `errc::limit_exceeded`, which names it; nothing is
/// done then. Requests are told so a tenth of a second later, or more.
struct node_limits {
  // -- each client ------------------------------------------------------------

  /// Operations under way; those of oplists count one by one.
  size_t max_ops = 10'000;
  /// Bytes that these and jobs of writers carry, and bytes of answers that were
  /// not written to the socket yet, because the client does not read them. What
  /// is appended to writers is limited by `settings::max_buffered_bytes`.
  uint64_t max_bytes = uint64_t{256} << 20;
  /// Bytes in one message, and in what one `file_read` returns.
  uint64_t max_message_bytes = uint64_t{64} << 20;
  /// Writers that are alive.
  size_t max_writers = 1'000;
  /// Requests per second, on average; up to one second's worth at once.
  double max_requests_per_second = 100'000;
  /// Share of the disk, in proportion to the weights of the other clients of
  /// its queue; at least 1.
  uint32_t weight = 1;
  /// The most that writers may ask for: profiles with a greater chunk, share
  /// or rate are refused, and those of running writers are reduced. All
  /// may be asked for if there is none.
  std::optional<profile> max_profile{};
  /// Requests with an id whose answers are remembered, and the bytes that these
  /// answers may take.
  size_t request_window = 1'000;
  uint64_t request_window_bytes = uint64_t{16} << 20;

  // -- all clients together ---------------------------------------------------

  /// What `max_bytes` counts, of all clients.
  uint64_t max_total_bytes = uint64_t{1} << 30;
  /// Connections.
  size_t max_connections = 1'024;
  /// Peers that are about to introduce themselves, which may take 5 seconds. If
  /// more come, whoever has been at it for the longest time is let go.
  size_t max_handshakes = 1'024;
  /// Bytes of all messages together that have not arrived as a whole; at least
  /// `max_message_bytes`. What comes then waits.
  uint64_t max_unfinished_bytes = uint64_t{256} << 20;
  /// Clients whose requests with an id are remembered; the one that was not
  /// heard of for the longest time is forgotten first.
  size_t max_remembered_clients = 1'000;
};

} // namespace spindle
