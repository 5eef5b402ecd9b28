// What else a queue has to do while somebody asks for little.
#pragma once

#include "host.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace bench {

/// Work that others give a queue.
struct neighbour {
  std::string name;
  /// Does a part of the work, of a second or so at the most if the queue has
  /// nothing else to do.
  std::function<void(const spindle::queue&)> work;
  /// How many clients do it at the same time.
  size_t clients = 1;
};

/// How large the work is.
struct amount {
  uint64_t file_bytes = 0;
  uint64_t one_operation_bytes = 0;
  size_t tree_files = 0;
  size_t entries = 0;
};

/// A directory with what neighbours work on; removed when destroyed.
class neighbourhood {
public:
  /// @throws std::filesystem::filesystem_error if there is no room.
  neighbourhood(const std::string& where, amount of);

  neighbourhood(const neighbourhood&) = delete;

  ~neighbourhood();

  /// Returns the path of a small file that is there.
  std::string small_file() const;

  /// Returns those whose work belongs to this directory.
  std::vector<neighbour> all() const;

private:
  std::filesystem::path top_;
  amount of_;
};

} // namespace bench
