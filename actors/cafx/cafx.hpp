// The API of CAF 1.x, on every supported release of CAF.
//
// All code outside of this folder is written for CAF 1.x, with names from
// `cafx` where releases differ. Macros, all for use at global scope:
//
//   CAFX_ENUM(ns, type, count): makes an enum sendable; values from `count` on
//   are refused when received.
//
//   CAFX_ERROR_ENUM(ns, type, category, count): likewise, for an enum of
//   uint8_t with a `to_string` function that becomes convertible to
//   `caf::error`; brings `make_error` into `ns`. The category has up to ten
//   characters.
//
//   CAFX_LIBRARY_BLOCK(block, announce, add): makes CAF_MAIN announce the types
//   of `caf::id_block::block` with `announce()` on CAF 1.x, or `add(cfg)` on
//   CAF 0.17.
#pragma once

#include "cafx/version.hpp"

#if CAFX_MODERN
#  include "cafx/modern.hpp"
#else
#  include "cafx/legacy.hpp"
#endif

namespace cafx {

namespace detail {

template <class Result>
struct delegated_of;

template <class... Ts>
struct delegated_of<caf::result<Ts...>> {
  using type = caf::delegated<Ts...>;
};

} // namespace detail

/// Return value of a handler whose request a `reply_slot` answers.
template <class Result>
Result answered_elsewhere() {
  return typename detail::delegated_of<Result>::type{};
}

/// Returns whether an exit reason means that the actor ended normally.
inline bool ended_well(const caf::error& reason) {
  return !failed(reason) || reason == caf::exit_reason::normal;
}

/// The destination of a response. Unlike a response promise, it may be moved to
/// another actor, which then responds directly to the client.
class reply_slot {
public:
  reply_slot() = default;

  /// Takes over the response to the message that `self` is processing. The
  /// handler must return `answered_elsewhere`.
  template <class Self>
  explicit reply_slot(Self* self)
      : receiver_(self->current_sender()), id_(self->current_message_id()) {}

  reply_slot(reply_slot&& other) noexcept
      : receiver_(std::exchange(other.receiver_, nullptr)), id_(other.id_) {}

  reply_slot& operator=(reply_slot&& other) noexcept {
    receiver_ = std::exchange(other.receiver_, nullptr);
    id_ = other.id_;
    return *this;
  }

  /// Returns whether a response is pending.
  explicit operator bool() const noexcept {
    return receiver_ != nullptr;
  }

  /// Sends `content` as the response, with `self` as sender. Later calls do
  /// nothing.
  template <class Self>
  void deliver(Self* self, caf::message content) {
    deliver_by(self, std::move(content), self->context());
  }

  /// Like `deliver`, but the receiver runs after the actors that are already
  /// scheduled. With `deliver`, the "stealing" scheduler runs the newest first,
  /// so some of many receivers fall behind.
  template <class Self>
  void deliver_in_turn(Self* self, caf::message content) {
    deliver_by(self, std::move(content), nullptr);
  }

  /// Like `deliver`, but callable outside of an actor.
  void deliver_anonymously(caf::message content) {
    if (receiver_)
      detail::enqueue(receiver_, nullptr, id_.response_id(), std::move(content),
                      nullptr);
    receiver_ = nullptr;
  }

private:
  /// Sends the response. `context` schedules the receiver; if null, the
  /// scheduler of the actor system does.
  template <class Self>
  void deliver_by(Self* self, caf::message content,
                  decltype(self->context()) context) {
    if (receiver_ && !(content.empty() && id_.is_async()))
      detail::enqueue(receiver_, caf::actor_cast<caf::strong_actor_ptr>(self),
                      id_.response_id(), std::move(content), context);
    receiver_ = nullptr;
  }

  caf::strong_actor_ptr receiver_;
  caf::message_id id_;
};

} // namespace cafx
