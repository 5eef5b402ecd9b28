// Where files are.
#pragma once

#include <string>

namespace bench {

/// A file system: its name in the table, and a directory.
struct place {
  std::string name;
  std::string directory;
};

} // namespace bench
