// System calls that must not fail.
#pragma once

#include <cerrno>
#include <string>
#include <system_error>

namespace bench::depth {

/// Checks whether a system call has succeeded.
/// @throws std::system_error with `errno` if not.
inline void require(bool good, const std::string& what) {
  if (!good)
    throw std::system_error{errno, std::generic_category(), what};
}

} // namespace bench::depth
