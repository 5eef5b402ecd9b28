// Temporary names, and the process that each of them identifies.
#pragma once

#include "spindle/export.hpp"

#include <cstdint>
#include <optional>
#include <string>

#include <sys/types.h>

namespace spindle::fs {

/// The process that uses a temporary name.
struct temporary_owner {
  pid_t process = 0;
  /// Distinguishes processes that get the same process id one after the other.
  uint64_t random = 0;

  bool operator==(const temporary_owner&) const = default;
};

/// Returns a unique hidden name for something unfinished.
SPINDLE_EXPORT std::string temporary_name();

/// Returns the owner in the temporary names of this process.
temporary_owner this_temporary_owner();

/// Returns the owner in `name`; nothing if it is not a temporary name.
std::optional<temporary_owner> temporary_owner_of(const std::string& name);

} // namespace spindle::fs
