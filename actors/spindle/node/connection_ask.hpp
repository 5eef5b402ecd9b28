// How a connection sends requests to its node.
#pragma once

#include "spindle/node/connection.hpp"

#include <memory>
#include <tuple>
#include <type_traits>
#include <utility>

namespace spindle {

/// Returns the operation or oplist that a request asks for, if any.
template <class... Ts>
undone work_of(const Ts&... parts) {
  undone res;
  auto add = [&res](const auto& part) {
    if constexpr (requires { describe(part); })
      res = describe(part);
  };
  (add(parts), ...);
  return res;
}

/// Returns what a request is about: its operation or oplist, or the message
/// itself.
template <class T, class... Ts>
undone describe_request(const T& first, const Ts&... others) {
  auto res = work_of(first, others...);
  if (res.operation.empty())
    res.operation = T::type_name;
  return res;
}

/// Returns a function that fails a promise. The failure names `what`, unless it
/// names something already.
template <class Promise>
auto refuse_with(Promise promise, undone what) {
  return [promise, what = std::move(what)](failure why) mutable {
    promise.deliver(to_error(about(std::move(why), what)));
  };
}

template <class Out, class OnResponse, class... Ts>
void connection_state::ask(OnResponse on_response, on_failure bad, Ts... xs) {
  pending_request one{std::move(bad), work_of(xs...)};
  if (link_.node()) {
    send<Out>(std::move(on_response), std::move(one), std::move(xs)...);
    return;
  }
  auto message = std::make_shared<std::tuple<Ts...>>(std::move(xs)...);
  when_connected(
    [this, on_response, one, message] {
      std::apply(
        [&](Ts&... ys) { send<Out>(on_response, one, std::move(ys)...); },
        *message);
    },
    one);
}

template <class Out, class OnResponse, class... Ts>
void connection_state::send(OnResponse on_response, pending_request one,
                            Ts... xs) {
  auto number = requests_.add(std::move(one));
  auto failed = [this, number](const caf::error& why) {
    if (auto pending = requests_.take(number)) {
      fail(*pending, explained(why));
      end_if_idle();
    }
  };
  auto done = [this, number, on_response](auto&... ys) mutable {
    // A request that is not there has failed with an earlier link.
    if (requests_.take(number))
      on_response(std::move(ys)...);
    end_if_idle();
  };
  auto request
    = self_->mail(std::move(xs)...).request(link_.node(), cafx::infinite);
  if constexpr (std::is_void_v<Out>)
    std::move(request).then([done]() mutable { done(); }, failed);
  else
    std::move(request).then([done](Out& y) mutable { done(y); }, failed);
}

template <class Out, class... Ts>
caf::result<Out> connection_state::forward(Ts... xs) {
  auto what = describe_request(xs...);
  if (draining_)
    return to_error(about(closed(), what));
  cafx::typed_response_promise<Out> res{self_};
  auto bad = refuse_with(res, std::move(what));
  if constexpr (std::is_void_v<Out>)
    ask<Out>([res]() mutable { res.deliver(); }, bad, std::move(xs)...);
  else
    ask<Out>([res](Out y) mutable { res.deliver(std::move(y)); }, bad,
             std::move(xs)...);
  return res;
}

} // namespace spindle
