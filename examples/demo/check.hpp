// Whether the copy is what it has to be, found out without the queue.
#pragma once

#include "plan.hpp"

#include <string>
#include <vector>

namespace demo {

/// What plain system calls saw.
struct findings {
  size_t files = 0;
  size_t directories = 0;
  size_t links = 0;
  /// Bytes compared with the original.
  uint64_t bytes = 0;
  /// Entries that are gone, as they should be.
  size_t deleted = 0;
  double seconds = 0;
  /// What is missing, different or too much; one line each.
  std::vector<std::string> problems{};
};

/// Compares everything in `directory` with the original, byte by byte.
findings check(const original& tree, const plan& todo,
               const std::string& directory);

} // namespace demo
