// Names for what is not finished, and whom they tell.
#pragma once

#include "spindle/export.hpp"

#include <cstdint>
#include <optional>
#include <string>

#include <sys/types.h>

namespace spindle::fs {

/// Who makes something under a temporary name.
struct temporary_owner {
  pid_t process = 0;
  /// Tells processes apart that have the same number one after the other.
  uint64_t random = 0;

  bool operator==(const temporary_owner&) const = default;
};

/// Returns a name for something that is not finished, hidden, unlike any other.
SPINDLE_EXPORT std::string temporary_name();

/// Returns whom the temporary names of this process tell.
temporary_owner this_temporary_owner();

/// Returns whom `name` tells; nothing if it is no temporary name.
std::optional<temporary_owner> temporary_owner_of(const std::string& name);

} // namespace spindle::fs
