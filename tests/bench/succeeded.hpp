// Answers that must not be failures.
#pragma once

#include "spindle/queue.hpp"

#include <stdexcept>

namespace bench {

/// Returns an answer if the operation succeeded.
/// @throws std::runtime_error that says why it failed.
template <class T>
caf::expected<T> succeeded(caf::expected<T> answer) {
  if (!answer)
    throw std::runtime_error{"an operation failed: "
                             + spindle::reason_of(answer.error())};
  return answer;
}

} // namespace bench
