// Options that several operations have.
#pragma once

#include "spindle/export.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

namespace spindle {

/// What must be on the device before an operation is answered.
enum class durability : uint8_t {
  /// Nothing: the kernel writes the data back later.
  none,
  /// The content of files, and the names needed to find them.
  data,
  /// The content, the names, and all metadata (times, permissions).
  full,
};

/// What a write does to the existing content of a file.
enum class write_mode : uint8_t {
  /// The content from `offset` on is dropped first.
  truncate,
  /// The bytes go to the end of the file.
  append,
  /// The file must not exist.
  create_new,
  /// A new file replaces the old one atomically: readers see all of the old or
  /// all of the new content, also after a crash. It inherits the permissions of
  /// the old file, except setuid and setgid. A symbolic link is replaced, not
  /// followed.
  replace,
  /// The bytes at `offset` are overwritten; all others are kept.
  update,
};

/// Type of what a path refers to.
enum class file_type : uint8_t {
  unknown,
  file,
  directory,
  symlink,
  fifo,
  socket,
  block_device,
  character_device,
};

/// Returns the name of the value, for instance "full".
SPINDLE_EXPORT std::string to_string(durability);

/// Returns the name of the value, for instance "create_new".
SPINDLE_EXPORT std::string to_string(write_mode);

/// Returns the name of the value, for instance "symlink".
SPINDLE_EXPORT std::string to_string(file_type);

/// Number of values of each enum, the first of them 0.
inline constexpr size_t durability_count = 3;
inline constexpr size_t write_mode_count = 5;
inline constexpr size_t file_type_count = 8;

} // namespace spindle
