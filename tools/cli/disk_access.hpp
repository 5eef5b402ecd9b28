// A disk that performs operations, local or remote.
#pragma once

#include "spindle/ops/operations.hpp"

#include <functional>
#include <utility>
#include <variant>

#include <tl/expected.hpp>

namespace spindle::tool {

/// The result of an operation or of a step of a command: a value, or a failure.
template <class T>
using attempt = tl::expected<T, failure>;

/// Waits for the answer to an operation. Must be called only once.
using pending_answer = std::function<answer()>;

/// Performs operations in the order in which they are started. Must be used by
/// one thread only.
class disk_access {
public:
  virtual ~disk_access() = default;

  /// Starts an operation. Any number may be in flight.
  virtual pending_answer start(operation what) = 0;

  /// Connects again to a lost node. Until then, each started operation fails
  /// with `errc::node_lost`, so that a sequence of operations has no gaps.
  virtual attempt<void> reconnect() {
    return {};
  }

  /// Returns whether paths begin with "VOLUME:".
  virtual bool has_volumes() const {
    return false;
  }

  /// Starts an operation and waits for its output.
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
