// Makes one behavior of several groups of handlers.
#pragma once

#include <tuple>
#include <utility>

namespace cafx {

/// Returns a behavior of handlers that are listed in several places, because
/// they are too many for one. Each group is a tuple.
template <class Behavior, class... Groups>
Behavior joined_behavior(Groups... groups) {
  return std::apply(
    [](auto&&... handlers) { return Behavior{std::move(handlers)...}; },
    std::tuple_cat(std::move(groups)...));
}

} // namespace cafx
