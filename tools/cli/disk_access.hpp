// A disk that performs operations, local or remote.
#pragma once

#include "spindle/ops/operations.hpp"

#include <functional>
#include <utility>
#include <variant>

namespace spindle::tool {

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
    if (!res)
      return tl::unexpected{std::move(res.error())};
    return std::get<Output>(*std::move(res));
  }
};

} // namespace spindle::tool
