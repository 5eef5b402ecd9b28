// The version of CAF. Only cafx depends on it.
#pragma once

#include <caf/config.hpp>

// Do not use CAF_VERSION: CAF 1.1.0 defines it as 0100.
#define CAFX_MODERN (CAF_MAJOR_VERSION >= 1)

namespace cafx {

/// A data member and the name under which it is inspected.
template <class T>
struct member {
  const char* name;
  T& value;
};

template <class T>
member(const char*, T&) -> member<T>;

namespace detail {

/// Lets `x`, which is like a std::expected, have an empty value or an empty
/// error.
template <class Expected>
void reset_expected(Expected& x, bool has_value) {
  using unexpected = typename Expected::unexpected_type;
  if (has_value)
    x = typename Expected::value_type{};
  else
    x = unexpected{typename Expected::error_type{}};
}

} // namespace detail

} // namespace cafx
