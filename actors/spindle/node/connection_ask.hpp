// How a connection asks its node for something.
#pragma once

#include "spindle/node/connection.hpp"

#include <memory>
#include <tuple>
#include <type_traits>
#include <utility>

namespace spindle {

/// Says what a failure is about, unless it says so itself.
inline failure about(failure why, const undone& what) {
  if (why.operation.empty())
    why.operation = what.operation;
  if (why.path.empty())
    why.path = what.path;
  return why;
}

/// Describes what a request asks for, if one of its parts says that.
template <class... Ts>
undone describe_request(const Ts&... parts) {
  undone res;
  auto look_at = [&res](const auto& part) {
    if constexpr (requires { describe(part); })
      res = describe(part);
  };
  (look_at(parts), ...);
  return res;
}

/// Returns what fails a promise.
template <class Promise>
auto refuse_with(Promise promise) {
  return [promise](failure why) mutable {
    promise.deliver(to_error(std::move(why)));
  };
}

template <class Out, class Good, class... Ts>
void connection_state::ask(Good good, on_failure bad, Ts... xs) {
  request whose{std::move(bad), describe_request(xs...)};
  if (node_) {
    ask_now<Out>(std::move(good), std::move(whose), std::move(xs)...);
    return;
  }
  auto wrapped = std::make_shared<std::tuple<Ts...>>(std::move(xs)...);
  when_connected(
    [this, good, whose, wrapped] {
      std::apply(
        [&](Ts&... ys) { ask_now<Out>(good, whose, std::move(ys)...); },
        *wrapped);
    },
    whose);
}

template <class Out, class Good, class... Ts>
void connection_state::ask_now(Good good, request whose, Ts... xs) {
  auto number = ++last_number_;
  pending_.emplace(number, std::move(whose));
  auto failed = [this, number](const caf::error& why) {
    auto i = pending_.find(number);
    if (i == pending_.end())
      return;
    auto one = std::move(i->second);
    pending_.erase(i);
    fail(one, explained(why));
    end_if_idle();
  };
  auto done = [this, number, good](auto&... ys) mutable {
    // If it is gone, its connection is, and it has failed.
    if (pending_.erase(number) > 0)
      good(std::move(ys)...);
    end_if_idle();
  };
  auto request = self_->mail(std::move(xs)...).request(node_, cafx::infinite);
  if constexpr (std::is_void_v<Out>)
    std::move(request).then([done]() mutable { done(); }, failed);
  else
    std::move(request).then([done](Out& y) mutable { done(y); }, failed);
}

template <class Out, class... Ts>
caf::result<Out> connection_state::forward(Ts... xs) {
  if (draining_)
    return to_error(closed());
  auto res = self_->template make_response_promise<Out>();
  auto bad = refuse_with(res);
  if constexpr (std::is_void_v<Out>)
    ask<Out>([res]() mutable { res.deliver(); }, bad, std::move(xs)...);
  else
    ask<Out>([res](Out y) mutable { res.deliver(std::move(y)); }, bad,
             std::move(xs)...);
  return res;
}

} // namespace spindle
