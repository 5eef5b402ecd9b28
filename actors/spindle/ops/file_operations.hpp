// The operations on files; operations.hpp says what all have in common.
#pragma once

#include "spindle/ops/answers.hpp"
#include "spindle/ops/buffer.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>

namespace spindle {

/// Asks whether `path` is something other than a directory, or a link to such.
struct file_exists {
  using output = bool;

  std::string path{};

  bool operator==(const file_exists&) const = default;

  static constexpr const char* type_name = "file_exists";
  static constexpr auto fields = std::tuple{
    field{"path", &file_exists::path},
  };
};

/// Makes an empty file. One that replaces another inherits its permissions.
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

/// Removes a file, or a symbolic link.
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

/// Gives a file another name on the same device. If the target is another name
/// of the same file, only the old name goes, as in mv(1). A target that is the
/// source itself, or what the source leads to as a symbolic link, is
/// `invalid_argument`, and nothing changes.
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

/// Gives a file another name, if need be on another device: copied, synced,
/// then removed. There it keeps permissions, times, holes, owner, group,
/// extended attributes and access control lists; if it cannot, nothing is moved
/// and the failure says what would be lost, unless `lossy`. Further hard links
/// of the file stay where they are, as files of their own. Otherwise like
/// `file_rename`.
struct file_move {
  using output = done;

  std::string path{};
  std::string target{};
  bool overwrite = false;
  bool parents = false;
  spindle::durability durability = durability::none;
  /// Moves to another device even if something cannot be kept there.
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

/// Copies a file with its permissions (but for those to run it as somebody
/// else), times and holes, sharing blocks where the file system can; a symbolic
/// link is copied as a link. The copy gets its name when it is complete. FIFOs,
/// sockets and devices are `not_supported`; a file cannot be copied over
/// itself, nor a link over what it leads to (`invalid_argument`).
struct file_copy {
  using output = done;

  std::string path{};
  std::string target{};
  bool overwrite = false;
  bool parents = false;
  spindle::durability durability = durability::none;
  /// Keeps owner, group, extended attributes and access control lists as well;
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

/// Reads bytes. What is not whole fails: a pipe, FIFO or socket must come to
/// its end, or give `length` bytes, within a quantum. Otherwise the failure is
/// `errc::would_block` if nothing came, else `errc::timed_out`; `done` says how
/// many bytes came and are lost. Whoever reads what may pause reads it in a
/// thread of its own.
struct file_read {
  using output = buffer;

  std::string path{};
  uint64_t offset = 0;
  /// How many bytes at the most; all if not given.
  std::optional<uint64_t> length{};

  bool operator==(const file_read&) const = default;

  static constexpr const char* type_name = "file_read";
  static constexpr auto fields = std::tuple{
    field{"path", &file_read::path},
    field{"offset", &file_read::offset},
    field{"length", &file_read::length},
  };
};

/// Writes bytes; the file is made if it does not exist. To a pipe, FIFO or
/// socket: what it takes within a quantum; `done` of the failure says how much
/// that was.
struct file_write {
  using output = done;

  std::string path{};
  buffer data{};
  write_mode mode = write_mode::truncate;
  /// Where the bytes go; 0 with `append` and `replace`.
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

/// Asks for size, times and the like.
struct file_stat {
  using output = file_info;

  std::string path{};
  /// Whether a symbolic link at `path` stands for what it points to.
  bool follow = true;

  bool operator==(const file_stat&) const = default;

  static constexpr const char* type_name = "file_stat";
  static constexpr auto fields = std::tuple{
    field{"path", &file_stat::path},
    field{"follow", &file_stat::follow},
  };
};

/// Changes the size of a file; new bytes are zero.
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

/// Returns when the content of a file (or the names in a directory) has reached
/// the device.
struct file_sync {
  using output = done;

  std::string path{};
  /// Not `none`.
  spindle::durability durability = durability::full;

  bool operator==(const file_sync&) const = default;

  static constexpr const char* type_name = "file_sync";
  static constexpr auto fields = std::tuple{
    field{"path", &file_sync::path},
    field{"durability", &file_sync::durability},
  };
};

/// Computes the XXH3 hash of 128 bits of the content, or of a part of it, as 32
/// hexadecimal digits (as `xxhsum -H2` prints it). What is behind the end of
/// the file does not count. A pipe, FIFO or socket is read as by `file_read`.
struct file_checksum {
  using output = std::string;

  std::string path{};
  /// Where the part begins.
  uint64_t offset = 0;
  /// How many bytes at the most; all if not given.
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
