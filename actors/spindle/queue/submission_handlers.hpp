// The handlers of what is submitted with a callback. A supervisor and the
// connection to one have the same.
#pragma once

#include "spindle/message/front.hpp"

#include <tuple>
#include <utility>
#include <variant>

namespace spindle {

namespace detail {

template <class Submit, class... Ops>
auto operation_submission_handlers(const Submit& submit,
                                   std::variant<Ops...>*) {
  return std::tuple{[submit](Ops& x, callback& who) -> caf::result<ticket> {
    return submit(operation{std::move(x)}, std::move(who), nullptr);
  }...};
}

} // namespace detail

/// Returns the handlers of operations and oplists with callbacks, as a tuple.
/// @param submit responds to an operation or oplist, given its callback and a
///               pointer to its `in_lane`, null for the lane of the sender.
template <class Submit>
auto submission_handlers(const Submit& submit) {
  auto rest = std::tuple{
    [submit](oplist& x, list_callback& who) -> caf::result<ticket> {
      return submit(std::move(x), std::move(who), nullptr);
    },
    [submit](operation& x, local_callback& who) -> caf::result<ticket> {
      return submit(std::move(x), std::move(who), nullptr);
    },
    [submit](oplist& x, local_list_callback& who) -> caf::result<ticket> {
      return submit(std::move(x), std::move(who), nullptr);
    },
    [submit](operation& x, local_callback& who,
             const in_lane& where) -> caf::result<ticket> {
      return submit(std::move(x), std::move(who), &where);
    },
    [submit](oplist& x, local_list_callback& who,
             const in_lane& where) -> caf::result<ticket> {
      return submit(std::move(x), std::move(who), &where);
    },
  };
  return std::tuple_cat(detail::operation_submission_handlers(
                          submit, static_cast<operation*>(nullptr)),
                        std::move(rest));
}

} // namespace spindle
