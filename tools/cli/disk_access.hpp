// A disk that does operations, wherever it is.
#pragma once

#include "spindle/ops/operations.hpp"

#include <functional>
#include <utility>
#include <variant>

#include <tl/expected.hpp>

namespace spindle::tool {

/// What an operation or a step of a command gives: a value, or why there is
/// none.
template <class T>
using attempt = tl::expected<T, failure>;

/// Waits for the answer to an operation. To be called once.
using pending_answer = std::function<answer()>;

/// Does operations in the order in which they are started. Belongs to one
/// thread.
class disk_access {
public:
  virtual ~disk_access() = default;

  /// Starts an operation. Any number may be under way at once.
  virtual pending_answer start(operation what) = 0;

  /// Connects again to a node that was lost. Until then, all that is started
  /// fails with `errc::node_lost`, so that nothing of an order is left out.
  virtual attempt<void> reconnect() {
    return {};
  }

  /// Returns whether paths begin with "VOLUME:".
  virtual bool has_volumes() const {
    return false;
  }

  /// Has an operation done and waits for its output.
  template <class Op>
  attempt<typename Op::output> run(Op what) {
    return output_of<typename Op::output>(start(std::move(what)));
  }

  /// Waits for an output of type `Output`.
  template <class Output>
  static attempt<Output> output_of(const pending_answer& pending) {
    auto res = pending();
    if (auto* why = std::get_if<failure>(&res))
      return tl::unexpected{std::move(*why)};
    return std::get<Output>(std::move(std::get<output>(res)));
  }
};

} // namespace spindle::tool
