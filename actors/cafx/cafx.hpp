// CAF in the idiom of its 1.x releases, whichever release it is compiled with.
//
// All code outside of this folder uses CAF 1.x idioms, with the names that
// follow from `cafx`:
//
//   CAFX_ENUM(ns, type, count): makes an enum sendable; values from `count` on
//   are refused when received. At global scope.
//
//   CAFX_ERROR_ENUM(ns, type, category, count): likewise, for an enum of
//   uint8_t with a `to_string` function that becomes convertible to
//   `caf::error`; brings `make_error` into `ns`. The category has up to ten
//   characters. At global scope.
//
//   CAFX_LIBRARY_BLOCK(block, announce, add): has CAF_MAIN announce the types
//   of `caf::id_block::block` by `announce()`, on CAF 1.x, or by `add(cfg)`, on
//   CAF 0.17. At global scope.
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

/// What a handler returns when a `reply_slot` answers in its place.
template <class Result>
Result answered_elsewhere() {
  return typename detail::delegated_of<Result>::type{};
}

/// Returns whether an actor that ended for this reason came to its natural end.
inline bool ended_well(const caf::error& reason) {
  return !failed(reason) || reason == caf::exit_reason::normal;
}

/// Where the answer to a request goes. Unlike a response promise it may be
/// handed to another actor, which then answers; so an answer need not travel
/// back the way the request came.
class reply_slot {
public:
  reply_slot() = default;

  /// Takes over the duty to answer the message that `self` is processing, whose
  /// handler returns `answered_elsewhere`.
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

  /// Returns whether somebody waits for an answer.
  explicit operator bool() const noexcept {
    return receiver_ != nullptr;
  }

  /// Sends `content` as the answer, on behalf of `self`. Later calls do
  /// nothing.
  template <class Self>
  void deliver(Self* self, caf::message content) {
    deliver_by(self, std::move(content), self->context());
  }

  /// Like `deliver`, but the receiver runs after those that CAF scheduled
  /// before. Otherwise the scheduler "stealing" runs the newest first, so that
  /// of many actors that are told in turn some fall behind.
  template <class Self>
  void deliver_in_turn(Self* self, caf::message content) {
    deliver_by(self, std::move(content), nullptr);
  }

  /// Like `deliver`, from outside of any actor.
  void deliver_anonymously(caf::message content) {
    if (receiver_)
      detail::enqueue(receiver_, nullptr, id_.response_id(), std::move(content),
                      nullptr);
    receiver_ = nullptr;
  }

private:
  /// Sends the answer; `context` schedules the receiver, or else CAF does.
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
