// Which CAF this is. Only cafx asks.
#pragma once

#include <caf/config.hpp>

// Note: CAF_VERSION is no help, because CAF 1.1.0 defines it as 0100.
#define CAFX_MODERN (CAF_MAJOR_VERSION >= 1)

namespace cafx {

/// A data member, to be inspected under a name.
template <class T>
struct member {
  const char* name;
  T& value;
};

template <class T>
member(const char*, T&) -> member<T>;

} // namespace cafx
