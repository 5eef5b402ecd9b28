// The operations on files; operations.hpp documents the common options.
#pragma once

#include "spindle/ops/answers.hpp"
#include "spindle/ops/buffer.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>

namespace spindle {

/// Tells whether `path` exists and is not a directory; symbolic links are
/// followed.
struct file_exists {
  using output = bool;

  std::string path{};

  bool operator==(const file_exists&) const = default;

  static constexpr const char* type_name = "file_exists";
  static constexpr auto fields = std::tuple{
    field{"path", &file_exists::path},
  };
};

/// Creates an empty file. With `overwrite`, it inherits the permissions of the
/// file that it replaces.
struct file_create {
  using output = done;

  std::string path{};
  bool overwrite = false;
  bool parents = false;
  uint32_t permissions = 0666;
  spindle::durability durability = durability::none;

  bool operator==(const file_create&) const = default;

  static constexpr const char* type_name = "file_create";
  static constexpr auto fields = std::tuple{
    field{"path", &file_create::path},
    field{"overwrite", &file_create::overwrite},
    field{"parents", &file_create::parents},
    field{"permissions", &file_create::permissions},
    field{"durability", &file_create::durability},
  };
};

/// Removes a file or a symbolic link.
struct file_delete {
  using output = done;

  std::string path{};
  spindle::durability durability = durability::none;

  bool operator==(const file_delete&) const = default;

  static constexpr const char* type_name = "file_delete";
  static constexpr auto fields = std::tuple{
    field{"path", &file_delete::path},
    field{"durability", &file_delete::durability},
  };
};

/// Renames a file on the same device. If the target is a hard link to the same
/// file, only the old name is removed, as by mv(1). If the target is the source
/// itself, or what the source points to as a symbolic link, the operation fails
/// with `invalid_argument` and changes nothing.
struct file_rename {
  using output = done;

  std::string path{};
  std::string target{};
  bool overwrite = false;
  bool parents = false;
  spindle::durability durability = durability::none;

  bool operator==(const file_rename&) const = default;

  static constexpr const char* type_name = "file_rename";
  static constexpr auto fields = std::tuple{
    field{"path", &file_rename::path},
    field{"target", &file_rename::target},
    field{"overwrite", &file_rename::overwrite},
    field{"parents", &file_rename::parents},
    field{"durability", &file_rename::durability},
  };
};

/// Renames a file, or moves it to another device: there it is copied and synced
/// before the source is removed. The copy keeps permissions, times, holes,
/// owner, group, extended attributes and access control lists; if it cannot
/// keep one of them, nothing is moved and the failure says what would be lost,
/// unless `lossy`. Nor is anything moved if others replace or change the source
/// meanwhile (`busy`). Other hard links of the source stay where they are; the
/// target is no longer the same file. Otherwise like `file_rename`.
struct file_move {
  using output = done;

  std::string path{};
  std::string target{};
  bool overwrite = false;
  bool parents = false;
  spindle::durability durability = durability::none;
  /// Moves to another device even if some properties would be lost.
  bool lossy = false;

  bool operator==(const file_move&) const = default;

  static constexpr const char* type_name = "file_move";
  static constexpr auto fields = std::tuple{
    field{"path", &file_move::path},
    field{"target", &file_move::target},
    field{"overwrite", &file_move::overwrite},
    field{"parents", &file_move::parents},
    field{"durability", &file_move::durability},
    field{"lossy", &file_move::lossy},
  };
};

/// Copies a file with its permissions (except setuid and setgid), times and
/// holes, sharing blocks where the file system can; a symbolic link is copied
/// as a link. The copy gets its name when it is complete. FIFOs, sockets and
/// devices are `not_supported`. A file cannot be copied over itself, nor a link
/// over what it points to (`invalid_argument`).
struct file_copy {
  using output = done;

  std::string path{};
  std::string target{};
  bool overwrite = false;
  bool parents = false;
  spindle::durability durability = durability::none;
  /// Also keeps owner, group, extended attributes and access control lists;
  /// fails if that is not possible.
  bool preserve = false;

  bool operator==(const file_copy&) const = default;

  static constexpr const char* type_name = "file_copy";
  static constexpr auto fields = std::tuple{
    field{"path", &file_copy::path},
    field{"target", &file_copy::target},
    field{"overwrite", &file_copy::overwrite},
    field{"parents", &file_copy::parents},
    field{"durability", &file_copy::durability},
    field{"preserve", &file_copy::preserve},
  };
};

/// Reads bytes. A pipe, FIFO or socket must reach its end, or deliver `length`
/// bytes, within the quantum (`limits::quantum`). Otherwise the operation fails
/// with `errc::would_block` if no byte was read, else with `errc::timed_out`;
/// `done` is the number of bytes that were read and are lost. Read slow pipes
/// in a thread of your own instead.
struct file_read {
  using output = buffer;

  std::string path{};
  uint64_t offset = 0;
  /// Maximum number of bytes; without it, up to the end.
  std::optional<uint64_t> length{};

  bool operator==(const file_read&) const = default;

  static constexpr const char* type_name = "file_read";
  static constexpr auto fields = std::tuple{
    field{"path", &file_read::path},
    field{"offset", &file_read::offset},
    field{"length", &file_read::length},
  };
};

/// Writes bytes, and creates the file if it does not exist. If a pipe, FIFO or
/// socket does not accept all of them within the quantum (`limits::quantum`),
/// the operation fails, and `done` is the number of bytes written.
struct file_write {
  using output = done;

  std::string path{};
  buffer data{};
  write_mode mode = write_mode::truncate;
  /// Offset of the first byte; must be 0 with `append` and `replace`.
  uint64_t offset = 0;
  bool parents = false;
  uint32_t permissions = 0666;
  spindle::durability durability = durability::none;

  bool operator==(const file_write&) const = default;

  static constexpr const char* type_name = "file_write";
  static constexpr auto fields = std::tuple{
    field{"path", &file_write::path},
    field{"data", &file_write::data},
    field{"mode", &file_write::mode},
    field{"offset", &file_write::offset},
    field{"parents", &file_write::parents},
    field{"permissions", &file_write::permissions},
    field{"durability", &file_write::durability},
  };
};

/// Returns size, times and other metadata.
struct file_stat {
  using output = file_info;

  std::string path{};
  /// Whether a symbolic link at `path` is followed.
  bool follow = true;

  bool operator==(const file_stat&) const = default;

  static constexpr const char* type_name = "file_stat";
  static constexpr auto fields = std::tuple{
    field{"path", &file_stat::path},
    field{"follow", &file_stat::follow},
  };
};

/// Sets the size of a file; new bytes are zero.
struct file_truncate {
  using output = done;

  std::string path{};
  uint64_t size = 0;
  spindle::durability durability = durability::none;

  bool operator==(const file_truncate&) const = default;

  static constexpr const char* type_name = "file_truncate";
  static constexpr auto fields = std::tuple{
    field{"path", &file_truncate::path},
    field{"size", &file_truncate::size},
    field{"durability", &file_truncate::durability},
  };
};

/// Syncs the content of a file, or the names in a directory, to the device.
struct file_sync {
  using output = done;

  std::string path{};
  /// Must not be `none`.
  spindle::durability durability = durability::full;

  bool operator==(const file_sync&) const = default;

  static constexpr const char* type_name = "file_sync";
  static constexpr auto fields = std::tuple{
    field{"path", &file_sync::path},
    field{"durability", &file_sync::durability},
  };
};

/// Computes the 128-bit XXH3 hash of the content, or of a part of it, as 32
/// hexadecimal digits (as `xxhsum -H2` prints it). A part that extends beyond
/// the end of the file ends there. A pipe, FIFO or socket is read as by
/// `file_read`.
struct file_checksum {
  using output = std::string;

  std::string path{};
  /// Offset of the first byte.
  uint64_t offset = 0;
  /// Maximum number of bytes; without it, up to the end.
  std::optional<uint64_t> length{};

  bool operator==(const file_checksum&) const = default;

  static constexpr const char* type_name = "file_checksum";
  static constexpr auto fields = std::tuple{
    field{"path", &file_checksum::path},
    field{"offset", &file_checksum::offset},
    field{"length", &file_checksum::length},
  };
};

} // namespace spindle
