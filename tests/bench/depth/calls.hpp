// The system calls that a task needs, whoever makes them.
#pragma once

#include "depth/file_task.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace bench::depth {

/// A system call for one file.
enum class call { open, read, write, sync, close, rename, sync_directory };

/// Returns the calls for each file, in their order.
std::vector<call> calls_of(const file_task&);

/// The file that is opened, and the flags of open(2).
struct opening {
  std::string path{};
  int flags = 0;
};

/// Returns what is opened the `i`th time; if the file is replaced, a new one.
opening opening_of(const file_task&, size_t i);

} // namespace bench::depth
