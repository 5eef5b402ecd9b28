// Checks the copy with plain system calls, without the queue.
#pragma once

#include "plan.hpp"

#include <string>
#include <vector>

namespace demo {

/// Result of the check.
struct findings {
  size_t files = 0;
  size_t directories = 0;
  size_t links = 0;
  /// Bytes compared with the original.
  uint64_t bytes = 0;
  /// Entries that were deleted, as planned.
  size_t deleted = 0;
  double seconds = 0;
  /// Entries that are missing, different or unexpected; one line each.
  std::vector<std::string> problems{};
};

/// Compares everything in `directory` with the original, byte by byte.
findings check(const original& tree, const plan& todo,
               const std::string& directory);

} // namespace demo
