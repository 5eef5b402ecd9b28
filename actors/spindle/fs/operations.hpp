// The operations: each a struct that says what to do, and what it answers.
//
// Paths are relative to the working directory of the process that has the disk,
// or absolute. A path may be any bytes but NUL. Common options:
//   - parents:     make missing directories on the way to the new name
//   - overwrite:   replace what is at the target, atomically (also for who
//                  looks after a crash, given a durability other than none);
//                  without it, the target must not exist
//                  (`errc::already_exists`)
//   - permissions: bits of what is made, before the umask of the process
//   - durability:  what must have reached the device before the answer
// Defaults are those of the usual system call.
//
// Temporary names, where an operation needs them, are hidden, beside the
// target, and look like ".spindle-<process>-<random>-<number>.tmp". They are
// removed when an operation fails; if that fails as well, the failure names
// them. Else only a crash can leave them behind.
#pragma once

#include "spindle/export.hpp"
#include "spindle/fs/buffer.hpp"
#include "spindle/fs/describe.hpp"
#include "spindle/fs/error.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <variant>
#include <vector>

namespace spindle {

// -- options ------------------------------------------------------------------

/// What must have reached the device before an operation is answered.
enum class durability : uint8_t {
  /// Nothing: the system writes it when it likes.
  none,
  /// The bytes of files, and the names needed to find them.
  data,
  /// The bytes, the names, and all metadata (times, permissions).
  full,
};

/// What becomes of what a file already holds when it is written.
enum class write_mode : uint8_t {
  /// Everything from `offset` on is dropped first.
  truncate,
  /// The bytes go to the end of the file.
  append,
  /// The file must not exist.
  create_new,
  /// A new file takes the place of the old one, atomically: a reader, or a
  /// crash, sees all of the old or all of the new bytes. It inherits the
  /// permissions of the old one, but for those to run it as somebody else. A
  /// symbolic link is replaced, not followed.
  replace,
  /// The bytes at `offset` are overwritten, all others stay.
  update,
};

/// What kind of thing a path refers to.
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

// -- answers ------------------------------------------------------------------

/// The answer of operations that have nothing to say but that they succeeded.
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

/// Wall-clock time, as files carry it.
using file_time = std::chrono::time_point<std::chrono::system_clock,
                                          std::chrono::nanoseconds>;

/// What the system knows of a path: stat(2).
struct file_info {
  file_type type = file_type::unknown;
  /// Bytes.
  uint64_t size = 0;
  /// Bytes that the content takes on the device.
  uint64_t allocated = 0;
  /// The lower twelve bits of `st_mode`.
  uint32_t permissions = 0;
  uint32_t user = 0;
  uint32_t group = 0;
  /// Number of names.
  uint64_t links = 0;
  /// Device and inode: equal for two names of one thing.
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
  /// Relative to where the walk began.
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
  /// In the order of their paths, compared component by component.
  std::vector<walk_entry> entries{};
  /// What to pass as `after` to get the next page; empty on the last one.
  std::string next{};
  /// Directories on this page whose entries could not be read, the first
  /// hundred of them.
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
  /// What users without privileges can still take.
  uint64_t available = 0;

  bool operator==(const space_info&) const = default;

  static constexpr const char* type_name = "space_info";
  static constexpr auto fields = std::tuple{
    field{"capacity", &space_info::capacity},
    field{"free", &space_info::free},
    field{"available", &space_info::available},
  };
};

// -- directories
// ---------------------------------------------------------------

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
/// completely and synced, then removed. If an entry cannot be copied, nothing
/// is moved. Otherwise like `directory_rename`.
struct directory_move {
  using output = done;

  std::string path{};
  std::string target{};
  bool overwrite = false;
  bool parents = false;
  spindle::durability durability = durability::none;

  bool operator==(const directory_move&) const = default;

  static constexpr const char* type_name = "directory_move";
  static constexpr auto fields = std::tuple{
    field{"path", &directory_move::path},
    field{"target", &directory_move::target},
    field{"overwrite", &directory_move::overwrite},
    field{"parents", &directory_move::parents},
    field{"durability", &directory_move::durability},
  };
};

/// Copies a directory with all that it contains, permissions and times
/// included; symbolic links are copied as links, and FIFOs, sockets and devices
/// cannot be copied (`not_supported`). Entries that vanish meanwhile are left
/// out. Without `overwrite`, entries that cannot be copied are left out and
/// named in the failure; with it, they fail the whole, and the target stays as
/// it was. A target inside of the source is `invalid_argument`.
struct directory_copy {
  using output = done;

  std::string path{};
  std::string target{};
  bool overwrite = false;
  bool parents = false;
  spindle::durability durability = durability::none;

  bool operator==(const directory_copy&) const = default;

  static constexpr const char* type_name = "directory_copy";
  static constexpr auto fields = std::tuple{
    field{"path", &directory_copy::path},
    field{"target", &directory_copy::target},
    field{"overwrite", &directory_copy::overwrite},
    field{"parents", &directory_copy::parents},
    field{"durability", &directory_copy::durability},
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
  /// Pattern of fnmatch(3) for the relative path: "*", "?" and "[…]" stop at
  /// "/", and match a leading period; "\\" makes the next character an ordinary
  /// one; a leading "**/" stands for any number of directories, also none;
  /// empty: all. Directories that do not match are walked nevertheless.
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

// -- files
// ----------------------------------------------------------------------

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

/// Gives a file another name on the same device. If both names are those of one
/// file already, nothing happens, as in rename(2).
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
/// then removed. Otherwise like `file_rename`.
struct file_move {
  using output = done;

  std::string path{};
  std::string target{};
  bool overwrite = false;
  bool parents = false;
  spindle::durability durability = durability::none;

  bool operator==(const file_move&) const = default;

  static constexpr const char* type_name = "file_move";
  static constexpr auto fields = std::tuple{
    field{"path", &file_move::path},
    field{"target", &file_move::target},
    field{"overwrite", &file_move::overwrite},
    field{"parents", &file_move::parents},
    field{"durability", &file_move::durability},
  };
};

/// Copies a file with its permissions (but for those to run it as somebody
/// else) and times, sharing blocks where the file system can; a symbolic link
/// is copied as a link. The copy gets its name when it is complete. FIFOs,
/// sockets and devices are `not_supported`; a file cannot be copied over itself
/// (`invalid_argument`).
struct file_copy {
  using output = done;

  std::string path{};
  std::string target{};
  bool overwrite = false;
  bool parents = false;
  spindle::durability durability = durability::none;

  bool operator==(const file_copy&) const = default;

  static constexpr const char* type_name = "file_copy";
  static constexpr auto fields = std::tuple{
    field{"path", &file_copy::path},
    field{"target", &file_copy::target},
    field{"overwrite", &file_copy::overwrite},
    field{"parents", &file_copy::parents},
    field{"durability", &file_copy::durability},
  };
};

/// Reads bytes. Of a pipe, FIFO or socket: what can be had within a quantum.
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

/// Computes the XXH3 hash of 128 bits of the content, as 32 hexadecimal digits
/// (as `xxhsum -H2` prints it).
struct file_checksum {
  using output = std::string;

  std::string path{};

  bool operator==(const file_checksum&) const = default;

  static constexpr const char* type_name = "file_checksum";
  static constexpr auto fields = std::tuple{
    field{"path", &file_checksum::path},
  };
};

// -- both
// -----------------------------------------------------------------------

/// Asks how much room there is on the device of `path`.
struct disk_space {
  using output = space_info;

  std::string path{};

  bool operator==(const disk_space&) const = default;

  static constexpr const char* type_name = "disk_space";
  static constexpr auto fields = std::tuple{
    field{"path", &disk_space::path},
  };
};

/// Makes a symbolic link at `path` that points to `target`.
struct symlink_create {
  using output = done;

  std::string path{};
  std::string target{};
  bool overwrite = false;
  bool parents = false;
  spindle::durability durability = durability::none;

  bool operator==(const symlink_create&) const = default;

  static constexpr const char* type_name = "symlink_create";
  static constexpr auto fields = std::tuple{
    field{"path", &symlink_create::path},
    field{"target", &symlink_create::target},
    field{"overwrite", &symlink_create::overwrite},
    field{"parents", &symlink_create::parents},
    field{"durability", &symlink_create::durability},
  };
};

/// Asks where a symbolic link points to.
struct symlink_read {
  using output = std::string;

  std::string path{};

  bool operator==(const symlink_read&) const = default;

  static constexpr const char* type_name = "symlink_read";
  static constexpr auto fields = std::tuple{
    field{"path", &symlink_read::path},
  };
};

/// Sets the permission bits.
struct set_permissions {
  using output = done;

  std::string path{};
  uint32_t permissions = 0;
  spindle::durability durability = durability::none;

  bool operator==(const set_permissions&) const = default;

  static constexpr const char* type_name = "set_permissions";
  static constexpr auto fields = std::tuple{
    field{"path", &set_permissions::path},
    field{"permissions", &set_permissions::permissions},
    field{"durability", &set_permissions::durability},
  };
};

/// Sets times; those not given stay.
struct set_times {
  using output = done;

  std::string path{};
  std::optional<file_time> accessed{};
  std::optional<file_time> modified{};
  /// Whether a symbolic link at `path` stands for what it points to. The times
  /// of a link itself cannot be synced (`not_supported`).
  bool follow = true;
  spindle::durability durability = durability::none;

  bool operator==(const set_times&) const = default;

  static constexpr const char* type_name = "set_times";
  static constexpr auto fields = std::tuple{
    field{"path", &set_times::path},
    field{"accessed", &set_times::accessed},
    field{"modified", &set_times::modified},
    field{"follow", &set_times::follow},
    field{"durability", &set_times::durability},
  };
};

// -- all of them
// ---------------------------------------------------------------

/// Any operation.
using operation = std::variant<
  directory_exists, directory_create, directory_delete, directory_rename,
  directory_move, directory_copy, directory_contents, directory_walk,
  file_exists, file_create, file_delete, file_rename, file_move, file_copy,
  file_read, file_write, file_stat, file_truncate, file_sync, file_checksum,
  disk_space, symlink_create, symlink_read, set_permissions, set_times>;

/// Number of kinds of operations.
inline constexpr size_t operation_kinds = std::variant_size_v<operation>;

/// The answer to any operation that succeeded.
using output = std::variant<done, bool, std::string, buffer, directory_listing,
                            walk_page, file_info, space_info>;

/// The answer to any operation.
using answer = std::variant<failure, output>;

/// Returns the name of the operation, for instance "file_read".
SPINDLE_EXPORT std::string_view name_of(const operation&);

/// Returns the (first) path of the operation.
SPINDLE_EXPORT const std::string& path_of(const operation&);

/// Returns the bytes that the operation carries; what it reads does not count.
SPINDLE_EXPORT size_t payload_of(const operation&);

} // namespace spindle
