// The operations on directories; operations.hpp says what all have in common.
#pragma once

#include "spindle/ops/answers.hpp"

#include <cstdint>
#include <string>
#include <tuple>

namespace spindle {

/// Asks whether `path` is a directory, or a link to one.
struct directory_exists {
  using output = bool;

  std::string path{};

  bool operator==(const directory_exists&) const = default;

  static constexpr const char* type_name = "directory_exists";
  static constexpr auto fields = std::tuple{
    field{"path", &directory_exists::path},
  };
};

/// Makes a directory. An existing one is `already_exists`, unless `exist_ok`.
struct directory_create {
  using output = done;

  std::string path{};
  bool parents = false;
  bool exist_ok = false;
  uint32_t permissions = 0777;
  spindle::durability durability = durability::none;

  bool operator==(const directory_create&) const = default;

  static constexpr const char* type_name = "directory_create";
  static constexpr auto fields = std::tuple{
    field{"path", &directory_create::path},
    field{"parents", &directory_create::parents},
    field{"exist_ok", &directory_create::exist_ok},
    field{"permissions", &directory_create::permissions},
    field{"durability", &directory_create::durability},
  };
};

/// Removes a directory with all that it contains; symbolic links are removed,
/// never followed, and one at `path` is `not_a_directory`. What cannot be
/// removed is left and named in the failure.
struct directory_delete {
  using output = done;

  std::string path{};
  /// If not, the directory must be empty.
  bool recursive = true;
  spindle::durability durability = durability::none;

  bool operator==(const directory_delete&) const = default;

  static constexpr const char* type_name = "directory_delete";
  static constexpr auto fields = std::tuple{
    field{"path", &directory_delete::path},
    field{"recursive", &directory_delete::recursive},
    field{"durability", &directory_delete::durability},
  };
};

/// Gives a directory another name on the same device. The durability is that
/// of the name; what the directory contains stays as durable as it was. With
/// `overwrite`, a target that is not empty swaps names with the directory and
/// is removed then; a file system that cannot swap names is `not_supported`.
/// What cannot be removed is left, and the failure says where.
struct directory_rename {
  using output = done;

  std::string path{};
  std::string target{};
  bool overwrite = false;
  bool parents = false;
  spindle::durability durability = durability::none;

  bool operator==(const directory_rename&) const = default;

  static constexpr const char* type_name = "directory_rename";
  static constexpr auto fields = std::tuple{
    field{"path", &directory_rename::path},
    field{"target", &directory_rename::target},
    field{"overwrite", &directory_rename::overwrite},
    field{"parents", &directory_rename::parents},
    field{"durability", &directory_rename::durability},
  };
};

/// Gives a directory another name, if need be on another device: copied
/// completely and synced, then removed. There all that it contains keeps
/// permissions, times, holes, owners, groups, extended attributes, access
/// control lists, and the hard links within it. If an entry cannot be copied or
/// cannot keep one of these, nothing is moved, and the failure says what would
/// be lost; `lossy` moves it nevertheless. Otherwise like `directory_rename`.
struct directory_move {
  using output = done;

  std::string path{};
  std::string target{};
  bool overwrite = false;
  bool parents = false;
  spindle::durability durability = durability::none;
  /// Moves to another device even if something cannot be kept there.
  bool lossy = false;

  bool operator==(const directory_move&) const = default;

  static constexpr const char* type_name = "directory_move";
  static constexpr auto fields = std::tuple{
    field{"path", &directory_move::path},
    field{"target", &directory_move::target},
    field{"overwrite", &directory_move::overwrite},
    field{"parents", &directory_move::parents},
    field{"durability", &directory_move::durability},
    field{"lossy", &directory_move::lossy},
  };
};

/// Copies a directory with all that it contains, permissions, times and holes
/// included; in a setgid directory, the copies get this bit and the group, as
/// whatever is made there. Symbolic links are copied as links, and FIFOs,
/// sockets and devices cannot be copied (`not_supported`). Entries that vanish
/// meanwhile are left out. Without `overwrite`, entries that cannot be copied
/// are left out and named in the failure; with it, they fail the whole, and the
/// target stays as it was. A target inside of the source is `invalid_argument`.
struct directory_copy {
  using output = done;

  std::string path{};
  std::string target{};
  bool overwrite = false;
  bool parents = false;
  spindle::durability durability = durability::none;
  /// Keeps owners, groups, extended attributes and access control lists as
  /// well, and hard links within the directory; what cannot be copied so
  /// counts as not copied.
  bool preserve = false;

  bool operator==(const directory_copy&) const = default;

  static constexpr const char* type_name = "directory_copy";
  static constexpr auto fields = std::tuple{
    field{"path", &directory_copy::path},
    field{"target", &directory_copy::target},
    field{"overwrite", &directory_copy::overwrite},
    field{"parents", &directory_copy::parents},
    field{"durability", &directory_copy::durability},
    field{"preserve", &directory_copy::preserve},
  };
};

/// Lists the entries of a directory, ordered by name.
struct directory_contents {
  using output = directory_listing;

  std::string path{};

  bool operator==(const directory_contents&) const = default;

  static constexpr const char* type_name = "directory_contents";
  static constexpr auto fields = std::tuple{
    field{"path", &directory_contents::path},
  };
};

/// Lists all entries below a directory, page by page; symbolic links are
/// listed, never followed. Entries made or removed between two pages are found
/// or not, all others exactly once.
struct directory_walk {
  using output = walk_page;

  std::string path{};
  /// Pattern for the relative path, byte by byte and the same in every locale:
  /// "*" stands for any number of bytes, "?" for one, "[a-z]" and "[[:digit:]]"
  /// for one of a set, "[!a-z]" for one that is not in it; none of them for a
  /// "/". "\\" makes the next character an ordinary one, and so is a "["
  /// without
  /// "]". A leading period is nothing special. A leading "**/" stands for any
  /// number of directories, also none. Empty: all. Directories that do not
  /// match are walked nevertheless. At most 4096 bytes
  /// (`errc::invalid_argument`).
  std::string glob{};
  /// How many levels; 0: all.
  uint32_t max_depth = 0;
  /// `next` of the page before; empty: from the start.
  std::string after{};
  /// How many entries at the most; not 0. The limits of the disk may lower it.
  uint32_t limit = 1000;

  bool operator==(const directory_walk&) const = default;

  static constexpr const char* type_name = "directory_walk";
  static constexpr auto fields = std::tuple{
    field{"path", &directory_walk::path},
    field{"glob", &directory_walk::glob},
    field{"max_depth", &directory_walk::max_depth},
    field{"after", &directory_walk::after},
    field{"limit", &directory_walk::limit},
  };
};

} // namespace spindle
