// What is done to many files, by Spindle and by others.
#pragma once

#include "depth/page_cache.hpp"

#include "spindle/ops/options.hpp"

#include <cstddef>
#include <string>

namespace bench::depth {

/// What is done to each file.
enum class deed {
  /// It is read, and was not in the page cache.
  read,
  /// It is truncated and written.
  truncate,
  /// A block is appended to one log, the same for all.
  append,
  /// Another file takes its place.
  replace,
};

/// Returns the name of a deed.
std::string to_string(deed);

/// A deed to each of many files. Everything that a process needs to know to do
/// it, so that it can be handed to another one.
struct file_task {
  deed what = deed::read;
  /// What must be on the device after each write.
  spindle::durability level = spindle::durability::none;
  /// Where the files are.
  std::string directory{};
  size_t count = 0;
  /// Bytes that are read or written each time.
  size_t bytes = 4096;
  eviction cold = eviction::own_files;

  /// Returns the file of the `i`th time.
  std::string path(size_t i) const;
};

/// Makes the files, which are used by all contestants in all rounds.
void make_files(const file_task&);

/// Brings them into the state that the deed expects. Not part of what is
/// measured.
/// @throws std::system_error if that fails.
void prepare(const file_task&);

} // namespace bench::depth
