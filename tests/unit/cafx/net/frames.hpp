// Builds frames of BASP, CAF's protocol.
#pragma once

#include "cafx/net/frame_reader.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace frames {

using namespace cafx::net;

/// The protocols of CAF 0.17 (`legacy`) and 1.x (`modern`).
inline protocol legacy() {
  protocol res;
  res.version = 3;
  res.spawn_server = 4711;
  res.types.names = {"bool", "@str", "spindle::file_read"};
  res.types.error_name = "@error";
  return res;
}

inline protocol modern() {
  protocol res;
  res.version = 8;
  res.numbered_types = true;
  res.spawn_server = 2;
  res.types.ids = {1, 2, 3200};
  res.types.error_id = 7;
  return res;
}

// -- bytes --------------------------------------------------------------------

inline std::string number(uint64_t x, size_t bytes) {
  std::string res;
  for (size_t i = bytes; i > 0; --i)
    res += static_cast<char>(x >> (8 * (i - 1)));
  return res;
}

inline byte_view view(std::string_view x) {
  return std::as_bytes(std::span{x});
}

inline std::string bytes_of(const frame_header& x) {
  return number(x.type, 1) + number(x.padding, 2) + number(x.flags, 1)
       + number(x.length, 4) + number(x.data, 8) + number(x.source, 8)
       + number(x.destination, 8);
}

/// Returns a frame; sets the length in its header.
inline std::string frame(frame_header header, const std::string& payload) {
  header.length = static_cast<uint32_t>(payload.size());
  return bytes_of(header) + payload;
}

inline frame_header header(frame_type type) {
  return {.type = static_cast<uint8_t>(type)};
}

// -- payloads -----------------------------------------------------------------

inline const std::string peer_id = "the-peer";
inline const std::string own_id = "our-node";

inline std::string length(size_t n) {
  std::string res;
  for (; n > 0x7f; n >>= 7)
    res += static_cast<char>(0x80 | (n & 0x7f));
  return res + static_cast<char>(n);
}

/// Returns the types of a message as CAF 0.17 writes them, for instance
/// "@<>+bool".
inline std::string named(const std::string& text) {
  return number(0, 2) + length(text.size()) + text;
}

inline std::string numbered(std::initializer_list<uint16_t> ids) {
  auto res = length(ids.size());
  for (auto id : ids)
    res += number(id, 2);
  return res;
}

/// Returns the beginning of a direct message of CAF 0.17, without stages.
inline std::string message(const std::string& types) {
  return length(0) + named(types);
}

} // namespace frames
