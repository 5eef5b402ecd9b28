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

#include <memory>
#include <type_traits>
#include <utility>

#include <caf/local_actor.hpp>

namespace cafx {

namespace detail {

template <class Result>
struct delegated_of;

template <class... Ts>
struct delegated_of<caf::result<Ts...>> {
  using type = caf::delegated<Ts...>;
};

} // namespace detail

/// Returns whether an exit reason means that the actor ended normally.
inline bool ended_well(const caf::error& reason) {
  return !failed(reason) || reason == caf::exit_reason::normal;
}

// -- responses ----------------------------------------------------------------

// Only requests get errors. CAF sends the error that a handler returns also to
// the sender of a message that is no request, and an actor that receives an
// error as a message of its own ends by default.

/// Return value of a handler whose response is sent otherwise, or not at all.
template <class Result>
Result answered_elsewhere() {
  return typename detail::delegated_of<Result>::type{};
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
    if (is_wanted(content))
      detail::enqueue(receiver_, nullptr, id_.response_id(), std::move(content),
                      nullptr);
    receiver_ = nullptr;
  }

private:
  /// Returns whether the receiver is to get this response.
  bool is_wanted(const caf::message& content) const {
    return receiver_
        && (id_.is_request()
            || !(content.empty() || content.match_elements<caf::error>()));
  }

  /// Sends the response. `context` schedules the receiver; if null, the
  /// scheduler of the actor system does.
  template <class Self>
  void deliver_by(Self* self, caf::message content,
                  decltype(self->context()) context) {
    if (is_wanted(content))
      detail::enqueue(receiver_, caf::actor_cast<caf::strong_actor_ptr>(self),
                      id_.response_id(), std::move(content), context);
    receiver_ = nullptr;
  }

  caf::strong_actor_ptr receiver_;
  caf::message_id id_;
};

/// A response that an actor delivers later. Copies share one state; when the
/// last is destroyed without a response, the request fails.
template <class T>
class typed_response_promise {
public:
  typed_response_promise() = default;

  /// Takes over the response to the message that `self` is processing. The
  /// handler must return the promise, and only `self` may deliver.
  explicit typed_response_promise(caf::local_actor* self)
      : state_(std::make_shared<state>(self)) {}

  /// Returns whether somebody waits for the response.
  bool pending() const {
    return state_ && state_->slot;
  }

  /// Sends the response. Later calls do nothing.
  template <class... Ts>
  requires(std::is_void_v<T>
             ? sizeof...(Ts) == 0
             : std::is_constructible_v<T, Ts...>) void deliver(Ts&&... xs) {
    if constexpr (std::is_void_v<T>)
      send(caf::make_message());
    else
      send(caf::make_message(T(std::forward<Ts>(xs)...)));
  }

  void deliver(caf::error why) {
    send(caf::make_message(std::move(why)));
  }

  operator caf::result<T>() const {
    return answered_elsewhere<caf::result<T>>();
  }

private:
  struct state {
    explicit state(caf::local_actor* owner) : self(owner), slot(owner) {}

    state(const state&) = delete;

    ~state() {
      slot.deliver_anonymously(caf::make_message(
        make_error(caf::sec::runtime_error, "broken promise")));
    }

    caf::local_actor* self;
    reply_slot slot;
  };

  void send(caf::message content) {
    if (state_)
      state_->slot.deliver(state_->self, std::move(content));
  }

  std::shared_ptr<state> state_;
};

} // namespace cafx
