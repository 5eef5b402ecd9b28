// Assembles frames from the bytes that a peer sends.
//
// Allocates memory as bytes arrive, not as headers announce them, and requests
// permission for large frames.
#pragma once

#include "cafx/net/frame.hpp"

#include <algorithm>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

namespace cafx::net {

/// Maximum payload before the handshake is complete, in bytes.
inline constexpr size_t max_greeting_bytes = size_t{64} << 10;

/// Maximum payload that needs no permission, in bytes.
inline constexpr size_t small_frame_bytes = size_t{64} << 10;

/// What to do after bytes were read.
enum class reading : uint8_t {
  /// Read more bytes.
  more,
  /// Call `grant` once `pending_bytes` of memory are available.
  room_wanted,
  /// A frame is complete: handle it, then call `next`.
  frame,
  /// The peer violated the protocol, see `why`: close the connection.
  refused,
};

/// Reads the frames of one peer. `Byte` is a type with a size of one byte.
template <class Byte>
class frame_reader {
public:
  using buffer = std::vector<Byte>;

  /// @param spoken must outlive the reader.
  frame_reader(const protocol& spoken, peer_role peer, size_t max_message_bytes)
      : spoken_(&spoken),
        peer_(peer),
        max_message_bytes_(max_message_bytes),
        head_(frame_header_bytes) {}

  /// Returns where to store the next bytes; empty while memory is requested, a
  /// frame is complete, or the peer is refused.
  std::span<Byte> space() {
    switch (state_) {
      case state::header:
        return std::span{head_}.subspan(have_);
      case state::payload:
        if (have_ == body_.size())
          body_.resize(std::min<size_t>(
            header_.length, std::max(2 * have_, small_frame_bytes)));
        return std::span{body_}.subspan(have_);
      default:
        return {};
    }
  }

  /// Handles `n` bytes that were stored in `space()`.
  reading took(size_t n) {
    have_ += n;
    received_ += n;
    if (state_ == state::header && have_ == head_.size())
      return begin_frame();
    if (state_ == state::payload && have_ == header_.length)
      return end_frame();
    return reading::more;
  }

  /// Allows to read the payload of the current frame.
  void grant() {
    state_ = state::payload;
  }

  /// Returns the payload size of the current frame, in bytes.
  size_t pending_bytes() const {
    return header_.length;
  }

  /// Returns the number of bytes received from the peer so far.
  uint64_t received() const {
    return received_;
  }

  const frame_header& header() const {
    return header_;
  }

  /// Header and payload of a complete frame.
  buffer& head() {
    return head_;
  }

  buffer& body() {
    return body_;
  }

  /// Returns why the peer was refused.
  std::string_view why() const {
    return why_;
  }

  bool introduced() const {
    return !peer_id_.empty();
  }

  /// Completes the handshake: binds the connection to a node id.
  void introduce(buffer peer_id, buffer own_id) {
    peer_id_ = std::move(peer_id);
    own_id_ = std::move(own_id);
  }

  /// Drops a complete frame and begins the next one.
  void next() {
    // Free the memory of a large frame; the next ones may be small.
    if (body_.capacity() > small_frame_bytes)
      buffer{}.swap(body_);
    else
      body_.clear();
    head_.resize(frame_header_bytes);
    have_ = 0;
    state_ = state::header;
  }

  reading refuse(std::string_view why) {
    state_ = state::refused;
    why_ = why;
    return reading::refused;
  }

  /// Returns whether the complete frame is to be dropped.
  bool ignored() const {
    return ignored_;
  }

private:
  enum class state : uint8_t { header, waiting, payload, complete, refused };

  static byte_view view(const buffer& x) {
    return std::as_bytes(std::span{x});
  }

  reading begin_frame() {
    header_ = parse_header(view(head_));
    have_ = 0;
    auto verdict = judge_header(header_, *spoken_, peer_, introduced());
    if (verdict.what == verdict::refuse)
      return refuse(verdict.why);
    ignored_ = verdict.what == verdict::ignore;
    auto most
      = introduced() && !ignored_ ? max_message_bytes_ : max_greeting_bytes;
    if (header_.length > most)
      return refuse("the frame is longer than allowed");
    if (header_.length == 0)
      return complete();
    if (header_.length > small_frame_bytes) {
      state_ = state::waiting;
      return reading::room_wanted;
    }
    state_ = state::payload;
    return reading::more;
  }

  reading end_frame() {
    if (!ignored_) {
      auto verdict = judge_payload(header_, view(body_), *spoken_,
                                   view(peer_id_), view(own_id_));
      if (verdict.what == verdict::refuse)
        return refuse(verdict.why);
      ignored_ = verdict.what == verdict::ignore;
    }
    return complete();
  }

  reading complete() {
    state_ = state::complete;
    return reading::frame;
  }

  const protocol* spoken_;
  peer_role peer_;
  size_t max_message_bytes_;
  buffer head_;
  buffer body_;
  /// Number of bytes read of the header or the payload, whichever is being
  /// read.
  size_t have_ = 0;
  uint64_t received_ = 0;
  state state_ = state::header;
  frame_header header_;
  bool ignored_ = false;
  std::string_view why_;
  buffer peer_id_;
  buffer own_id_;
};

} // namespace cafx::net
