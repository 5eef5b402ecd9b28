// Frames of BASP, the protocol between CAF nodes: a header of 32 bytes and a
// payload.
//
// Independent of CAF. Every received frame is checked by these rules before CAF
// sees it, because CAF trusts its peers.
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
  /// The handshake of the listening node.
  server_handshake,
  /// The handshake of the connecting node.
  client_handshake,
  /// A message to an actor.
  direct_message,
  /// A message from or to an actor of a third node.
  routed_message,
  /// Requests a down message for an actor.
  monitor_message,
  /// Reports that an actor has ended.
  down_message,
  /// Shows that the peer is alive.
  heartbeat,
};

/// The header of a frame, in the order of its fields; all numbers are
/// big-endian.
struct frame_header {
  uint8_t type = 0;
  uint16_t padding = 0;
  uint8_t flags = 0;
  /// Bytes of the payload.
  uint32_t length = 0;
  /// Operation data; the meaning depends on the type.
  uint64_t data = 0;
  /// Id of the sending actor, or 0.
  uint64_t source = 0;
  /// Id of the receiving actor, or 0.
  uint64_t destination = 0;

  bool operator==(const frame_header&) const = default;
};

/// Parses a header; `bytes` must have `frame_header_bytes` bytes.
frame_header parse_header(byte_view bytes);

// -- protocol -----------------------------------------------------------------

/// The types that a message may contain. A message with any other type is
/// refused without reading its values: some types of CAF nest without limit,
/// and some of its own messages crash it if their values are unexpected.
struct message_types {
  /// Type names, as CAF 0.17 sends them.
  std::set<std::string, std::less<>> names;
  /// Type ids, as CAF 1.x sends them.
  std::set<uint16_t> ids;
  /// The type of errors. A response may consist of an error, whose own content
  /// is checked and must not contain another error. An error that is not a
  /// response is ignored.
  std::string error_name;
  uint16_t error_id = 0;
};

/// The protocol of one generation of CAF.
struct protocol {
  /// The version of BASP, as sent in server handshakes.
  uint64_t version = 0;
  /// Whether messages contain type ids instead of type names.
  bool numbered_types = false;
  /// The id of CAF's spawn server, an actor that CAF addresses by name.
  uint64_t spawn_server = 0;
  message_types types;
};

/// The other side of a connection.
enum class peer_role : uint8_t {
  /// The peer has connected to this process.
  client,
  /// This process has connected to the peer.
  server,
};

// -- checks -------------------------------------------------------------------

enum class verdict : uint8_t {
  /// The frame is passed to CAF.
  take,
  /// The frame is allowed, but dropped, because CAF does not need it.
  ignore,
  /// The frame is invalid: the connection is closed.
  refuse,
};

/// The verdict on a frame, and the reason if it is refused.
struct judgement {
  verdict what = verdict::take;
  std::string_view why{};
};

/// Checks a header.
/// @param introduced whether the peer has completed its handshake.
judgement judge_header(const frame_header& header, const protocol& spoken,
                       peer_role peer, bool introduced);

/// Checks the payload of a frame.
/// @param peer_id,own_id serialized node ids of the peer and of this node.
///                       Handshakes are not checked here, but where their node
///                       id is read.
judgement judge_payload(const frame_header& header, byte_view payload,
                        const protocol& spoken, byte_view peer_id,
                        byte_view own_id);

} // namespace cafx::net
