// A disk with two devices, and copies and moves between them.
#pragma once

#include "op_disk.hpp"

#include <memory>
#include <string>

namespace kit {

inline constexpr uint64_t mib = 1 << 20;

/// A file system with a second device at "far", and shorthands.
struct two_devices {
  std::shared_ptr<spindle::fs::memory_vfs> memory
    = std::make_shared<spindle::fs::memory_vfs>();
  spindle::fs::faulty_vfs files{memory};

  two_devices() {
    memory->mount("far");
  }

  spindle::file_info stat(const std::string& path) {
    return value_of(memory->stat(memory->start(), path, false));
  }

  spindle::fs::file_ptr open(const std::string& path) {
    return value_of(
      memory->open(memory->start(), path, {.write = true, .create = true}));
  }

  spindle::fs::directory_ptr open_directory(const std::string& path) {
    return value_of(memory->open_directory(memory->start(), path, false));
  }

  void make_directory(const std::string& path) {
    value_of(memory->make_directory(memory->start(), path, 0755));
  }

  void link(const std::string& from, const std::string& to) {
    auto& start = memory->start();
    value_of(memory->make_hard_link(start, from, start, to));
  }

  template <class Op>
  spindle::failure run(const Op& op) {
    return failure_of(kit::perform(files, op));
  }
};

/// Performs one of the operations that copy a file from "f" to "far/g".
inline spindle::failure copy_file(two_devices& on, const std::string& what) {
  if (what == "move")
    return on.run(spindle::file_move{"f", "far/g"});
  return on.run(spindle::file_copy{
    .path = "f", .target = "far/g", .preserve = what == "preserving copy"});
}

/// The same for a directory, from "d" to "far/e".
inline spindle::failure copy_directory(two_devices& on,
                                       const std::string& what) {
  if (what == "move")
    return on.run(spindle::directory_move{"d", "far/e"});
  return on.run(spindle::directory_copy{
    .path = "d", .target = "far/e", .preserve = what == "preserving copy"});
}

} // namespace kit
