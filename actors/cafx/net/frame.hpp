// What peers of CAF send each other: frames of BASP, each a header of 32 bytes
// and what it announces.
//
// Nothing here needs CAF. Every frame is checked by these rules before CAF sees
// it, because CAF trusts what it reads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <set>
#include <span>
#include <string>
#include <string_view>

namespace cafx::net {

using byte_view = std::span<const std::byte>;

// -- headers ------------------------------------------------------------------

inline constexpr size_t frame_header_bytes = 32;

enum class frame_type : uint8_t {
  /// The greeting of whoever listens.
  server_handshake,
  /// The greeting of whoever connects.
  client_handshake,
  /// A message to an actor.
  direct_message,
  /// A message from or to an actor of a third node.
  routed_message,
  /// Asks to be told when an actor ends.
  monitor_message,
  /// Tells that an actor has ended.
  down_message,
  /// Tells that the peer is there.
  heartbeat,
};

/// The header of a frame, in its order; numbers travel big end first.
struct frame_header {
  uint8_t type = 0;
  uint16_t padding = 0;
  uint8_t flags = 0;
  /// Bytes that follow the header.
  uint32_t length = 0;
  /// What this is depends on the type.
  uint64_t data = 0;
  /// Number of the actor that sent it, or 0.
  uint64_t source = 0;
  /// Number of the actor that it is for, or 0.
  uint64_t destination = 0;

  bool operator==(const frame_header&) const = default;
};

/// Reads a header; `bytes` must be as many as a header has.
frame_header parse_header(byte_view bytes);

// -- what is said -------------------------------------------------------------

/// Which types of values a message may have. What is not listed is refused
/// unread: CAF has types of its own that nest without end, and messages of its
/// own that crash it when their values are not what it expects.
struct message_types {
  /// The types by name, as CAF 0.17 sends them.
  std::set<std::string, std::less<>> names;
  /// The types by number, as CAF 1.x sends them.
  std::set<uint16_t> ids;
  /// The type of an error. It may stand alone in an answer; what it carries is
  /// checked in turn, and must not be another one. One that is no answer is for
  /// nobody.
  std::string error_name;
  uint16_t error_id = 0;
};

/// What one generation of CAF says, and how.
struct protocol {
  /// The version of BASP that is spoken; in greetings of those who listen.
  uint64_t version = 0;
  /// Whether a message names its types by number, and not by name.
  bool numbered_types = false;
  /// The number of an actor that CAF asks by name for what it spawns.
  uint64_t spawn_server = 0;
  message_types types;
};

/// The other side of a connection.
enum class peer_role : uint8_t {
  /// The peer has connected to us.
  client,
  /// We have connected to the peer.
  server,
};

// -- checks -------------------------------------------------------------------

enum class verdict : uint8_t {
  /// CAF may have it.
  take,
  /// It is allowed, but nobody needs it: CAF does not get it.
  ignore,
  /// No peer sends that: the connection ends.
  refuse,
};

/// What becomes of a frame; `why` says why if it is refused.
struct judgement {
  verdict what = verdict::take;
  std::string_view why{};
};

/// Checks a header.
/// @param introduced whether the peer has sent its greeting already.
judgement judge_header(const frame_header& header, const protocol& spoken,
                       peer_role peer, bool introduced);

/// Checks what a frame carries after its header.
/// @param peer_id,own_id what the peer's and our node are called, as they are
///                       sent; greetings are checked by whoever reads the ids.
judgement judge_payload(const frame_header& header, byte_view payload,
                        const protocol& spoken, byte_view peer_id,
                        byte_view own_id);

} // namespace cafx::net
