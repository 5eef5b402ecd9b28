// Makes one behavior of several groups of handlers.
#pragma once

#include "cafx/cafx.hpp"

#include <tuple>
#include <utility>

namespace cafx {

namespace detail {

/// Returns a handler that does the same, but returns errors only for requests.
template <class Self, class Handler, class Result, class... Args>
auto with_errors_for_requests(Self* self, Handler handler,
                              Result (Handler::*)(Args...) const) {
  return [self, handler = std::move(handler)](Args... args) -> Result {
    auto res = handler(std::forward<Args>(args)...);
    if (holds_error(res) && !self->current_message_id().is_request())
      return answered_elsewhere<Result>();
    return res;
  };
}

} // namespace detail

/// Returns the behavior of `self`, made of handlers that are listed in several
/// places, because they are too many for one. Each group is a tuple. Errors
/// that handlers return go only to requests, see cafx.hpp.
template <class Behavior, class Self, class... Groups>
Behavior joined_behavior(Self* self, Groups... groups) {
  return std::apply(
    [self]<class... Handlers>(Handlers&&... handlers) {
      return Behavior{detail::with_errors_for_requests(
        self, std::move(handlers), &Handlers::operator())...};
    },
    std::tuple_cat(std::move(groups)...));
}

} // namespace cafx
