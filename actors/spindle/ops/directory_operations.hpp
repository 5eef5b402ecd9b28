// The operations on directories; operations.hpp documents the common options.
#pragma once

#include "spindle/ops/answers.hpp"

#include <cstdint>
#include <string>
#include <tuple>

namespace spindle {

/// Tells whether `path` is a directory, or a symbolic link to one.
struct directory_exists {
  using output = bool;

  std::string path{};

  bool operator==(const directory_exists&) const = default;

  static constexpr const char* type_name = "directory_exists";
  static constexpr auto fields = std::tuple{
    field{"path", &directory_exists::path},
  };
};

/// Creates a directory. Fails with `already_exists` if it exists, unless
/// `exist_ok`.
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

/// Removes a directory with its entries. Symbolic links are removed, never
/// followed; one at `path` is `not_a_directory`. What others move out of the
/// tree meanwhile is kept. The failure names the entries that could not be
/// removed.
struct directory_delete {
  using output = done;

  std::string path{};
  /// If false, the directory must be empty.
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

/// Renames a directory on the same device. `durability` applies to the name
/// only; the entries of the directory are not synced. With `overwrite`, the
/// directory exchanges names with a target that is not empty, which is then
/// removed; fails with `not_supported` if the file system cannot exchange
/// names. If entries of the old target cannot be removed, the failure says
/// where they are.
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

/// Renames a directory, or moves it to another device: there it is copied and
/// synced as a whole before the source is removed. The copy keeps permissions,
/// times, holes, owners, groups, extended attributes, access control lists, and
/// hard links between its files. If an entry cannot be copied or would lose one
/// of these, nothing is moved, and the failure says what would be lost; `lossy`
/// moves it nevertheless. What others add to the source while it is copied may
/// be removed with it, as by mv(1). Otherwise like `directory_rename`.
struct directory_move {
  using output = done;

  std::string path{};
  std::string target{};
  bool overwrite = false;
  bool parents = false;
  spindle::durability durability = durability::none;
  /// Moves to another device even if some properties would be lost.
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

/// Copies a directory with its entries, permissions, times and holes. In a
/// setgid directory, the copies inherit the group and the bit, as all new
/// entries there. Symbolic links are copied as links; FIFOs, sockets and
/// devices cannot be copied (`not_supported`). Entries that vanish during the
/// copy are ignored. Without `overwrite`, entries that cannot be copied are
/// left out and named in the failure; with it, any such entry makes the whole
/// copy fail, and the target stays unchanged. A target inside the source is
/// `invalid_argument`.
struct directory_copy {
  using output = done;

  std::string path{};
  std::string target{};
  bool overwrite = false;
  bool parents = false;
  spindle::durability durability = durability::none;
  /// Also keeps owners, groups, extended attributes, access control lists, and
  /// hard links within the directory; an entry that cannot keep them counts as
  /// not copied.
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

/// Lists all entries below a directory, page by page. Symbolic links are
/// listed, never followed. An entry created or removed between two pages may or
/// may not be listed; every other entry is listed exactly once.
struct directory_walk {
  using output = walk_page;

  std::string path{};
  /// Pattern for the relative path, matched byte by byte in every locale. "*"
  /// matches any number of bytes, "?" one byte, "[a-z]" and "[[:digit:]]" one
  /// byte of a set, "[!a-z]" one byte outside of it; none of them matches a
  /// "/". "\\" escapes the next character. A "[" without a "]", and a leading
  /// period, are ordinary characters. A leading "**/" matches zero or more
  /// directories. An empty pattern matches everything. Directories that do not
  /// match are still descended into. At most 4096 bytes
  /// (`errc::invalid_argument`).
  std::string glob{};
  /// Maximum number of levels; 0 means no limit.
  uint32_t max_depth = 0;
  /// `next` of the previous page; empty for the first page.
  std::string after{};
  /// Maximum number of entries; must not be 0. `limits::listed_entries` may
  /// lower it.
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
