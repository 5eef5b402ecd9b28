// The result of anything that may fail: a value, or the failure.
#pragma once

#include "spindle/ops/error.hpp"

#include <tl/expected.hpp>

namespace spindle {

/// A value, or why there is none.
template <class T>
using attempt = tl::expected<T, failure>;

} // namespace spindle
