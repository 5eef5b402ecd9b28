// The content of a directory tree, listed with plain system calls.
#pragma once

#include "spindle/ops/operations.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace demo {

/// How much of a tree to copy at most.
struct limits {
  size_t files = 10'000;
  uint64_t bytes = 500'000'000;
};

/// A file, directory or symbolic link. Paths are relative to the tree.
struct entry {
  std::string path{};
  spindle::file_type type{};
  uint64_t bytes = 0;
  /// Whether it is a directory whose owner may not change it.
  bool sealed = false;
};

/// A part of the tree that is copied by one operation: a file, a link, or a
/// directory. A directory that exceeds the limits is only created; the parts
/// after it are its content as far as the limits allow.
struct part {
  std::string path{};
  spindle::file_type type{};
  bool whole = true;
  /// Everything in the part, including itself, parents first.
  std::vector<entry> entries{};
  /// Paths that are not copied: unreadable, or FIFOs, sockets and devices.
  std::vector<std::string> left_out{};
};

/// The tree that the demo copies. The demo never writes to it.
struct original {
  std::string root{};
  /// In the order of copying.
  std::vector<part> parts{};
  size_t files = 0;
  size_t directories = 0;
  size_t links = 0;
  size_t left_out = 0;
  uint64_t bytes = 0;
  /// Whether there is more in the tree than the limits allow.
  bool limited = false;
};

/// Lists the tree.
/// @throws std::filesystem::filesystem_error if `root` cannot be listed.
original look_at(const std::string& root, const limits& most);

} // namespace demo
