// The failure of an operation, also where a test does not know that it failed.
#pragma once

#include "spindle/ops/attempt.hpp"

namespace kit {

/// Returns the failure; an empty one if there is a value.
template <class T>
spindle::failure failure_of(const spindle::attempt<T>& res) {
  return res ? spindle::failure{} : res.error();
}

} // namespace kit
