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

} // namespace cafx
