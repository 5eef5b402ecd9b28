// The answers of operations.
#pragma once

#include "spindle/ops/describe.hpp"
#include "spindle/ops/error.hpp"
#include "spindle/ops/options.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <tuple>
#include <vector>

namespace spindle {

/// The answer of operations that return nothing.
struct done {
  bool operator==(const done&) const = default;

  static constexpr const char* type_name = "done";
  static constexpr auto fields = std::tuple{};
};

/// One entry of a directory.
struct directory_entry {
  std::string name{};
  file_type type = file_type::unknown;

  bool operator==(const directory_entry&) const = default;

  static constexpr const char* type_name = "directory_entry";
  static constexpr auto fields = std::tuple{
    field{"name", &directory_entry::name},
    field{"type", &directory_entry::type},
  };
};

/// The entries of a directory.
using directory_listing = std::vector<directory_entry>;

/// Wall-clock time of a file, in nanoseconds.
using file_time = std::chrono::time_point<std::chrono::system_clock,
                                          std::chrono::nanoseconds>;

/// The result of stat(2).
struct file_info {
  file_type type = file_type::unknown;
  /// Bytes.
  uint64_t size = 0;
  /// Bytes allocated on the device.
  uint64_t allocated = 0;
  /// The lower twelve bits of `st_mode`.
  uint32_t permissions = 0;
  uint32_t user = 0;
  uint32_t group = 0;
  /// Number of hard links.
  uint64_t links = 0;
  /// Device and inode identify the file: two paths with equal values are hard
  /// links of one file.
  uint64_t device = 0;
  uint64_t inode = 0;
  file_time accessed{};
  file_time modified{};
  file_time changed{};

  bool operator==(const file_info&) const = default;

  static constexpr const char* type_name = "file_info";
  static constexpr auto fields = std::tuple{
    field{"type", &file_info::type},
    field{"size", &file_info::size},
    field{"allocated", &file_info::allocated},
    field{"permissions", &file_info::permissions},
    field{"user", &file_info::user},
    field{"group", &file_info::group},
    field{"links", &file_info::links},
    field{"device", &file_info::device},
    field{"inode", &file_info::inode},
    field{"accessed", &file_info::accessed},
    field{"modified", &file_info::modified},
    field{"changed", &file_info::changed},
  };
};

/// One entry found by a walk.
struct walk_entry {
  /// Relative to the directory where the walk began.
  std::string path{};
  file_type type = file_type::unknown;

  bool operator==(const walk_entry&) const = default;

  static constexpr const char* type_name = "walk_entry";
  static constexpr auto fields = std::tuple{
    field{"path", &walk_entry::path},
    field{"type", &walk_entry::type},
  };
};

/// One page of a walk.
struct walk_page {
  /// Ordered by path, compared component by component.
  std::vector<walk_entry> entries{};
  /// Cursor to pass as `after` for the next page; empty on the last page.
  std::string next{};
  /// The first hundred directories of this page that could not be read.
  std::vector<entry_failure> unreadable{};

  bool operator==(const walk_page&) const = default;

  static constexpr const char* type_name = "walk_page";
  static constexpr auto fields = std::tuple{
    field{"entries", &walk_page::entries},
    field{"next", &walk_page::next},
    field{"unreadable", &walk_page::unreadable},
  };
};

/// Sizes of a file system, in bytes.
struct space_info {
  uint64_t capacity = 0;
  uint64_t free = 0;
  /// Bytes that unprivileged users can still allocate.
  uint64_t available = 0;

  bool operator==(const space_info&) const = default;

  static constexpr const char* type_name = "space_info";
  static constexpr auto fields = std::tuple{
    field{"capacity", &space_info::capacity},
    field{"free", &space_info::free},
    field{"available", &space_info::available},
  };
};

} // namespace spindle
