// Every system call that touches a disk, behind one interface.
//
// Contract of all members, unless a member says otherwise:
//   - They block. They may be called from any thread, but a `file` or a
//     `directory` only from one thread at a time.
//   - They return a value, or the errno(3) that the Linux system call returns
//     in the same situation. EINTR never gets out. They never throw anything
//     but std::bad_alloc.
//   - A path is relative to its `base`; an absolute path starts at the root of
//     the file system, and ".." goes up, unless the file system is confined:
//     see rooted_vfs. Paths are bytes: any but '/' and NUL may be in a name. A
//     path with a NUL is EINVAL, an empty path is ENOENT.
//   - The last component of a path is not followed if it is a symbolic link,
//     unless `follow` says so; links on the way to it are followed.
//   - Objects close their descriptor when destroyed.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "spindle/ops/operations.hpp"

namespace spindle::fs {

/// A value, or an errno(3).
template <class T>
using result = tl::expected<T, int>;

/// Shorthand for a failed `result`.
inline tl::unexpected<int> fail(int sys_errno) {
  return tl::unexpected<int>{sys_errno};
}

/// Clock for the deadlines of operations on pipes, FIFOs and sockets.
using steady_time = std::chrono::steady_clock::time_point;

/// How to open a file. The defaults open an existing file for reading. Neither
/// `read` nor `write` is EINVAL. A directory is EISDIR, when opened to `write`,
/// `create` or `truncate`, else not before it is read.
struct open_options {
  bool read = true;
  bool write = false;
  /// Makes the file if it does not exist.
  bool create = false;
  /// With `create`: EEXIST if there is anything of that name (even a link).
  bool exclusive = false;
  /// Drops the content.
  bool truncate = false;
  /// Each `write` goes to the end of the file, and the position means nothing:
  /// such a file is read by `read_at`.
  bool append = false;
  /// Follows a symbolic link at the end of the path, else it is ELOOP.
  bool follow = true;
  /// Permission bits of a new file, before the umask.
  uint32_t permissions = 0666;
};

/// Times to set; those not given stay.
struct file_times {
  std::optional<file_time> accessed{};
  std::optional<file_time> modified{};
};

/// Whom something shall belong to; what is not given stays.
struct file_owner {
  std::optional<uint32_t> user{};
  std::optional<uint32_t> group{};
};

/// Bytes of a file that were written, from `begin` up to, not including, `end`.
/// Before and behind them may be holes, which read as zeros and take no room.
struct data_extent {
  uint64_t begin = 0;
  uint64_t end = 0;

  bool empty() const noexcept {
    return begin == end;
  }

  bool operator==(const data_extent&) const = default;
};

/// What happens to a target that exists.
enum class rename_mode : uint8_t {
  /// EEXIST.
  keep,
  /// It is replaced atomically (a directory only if it is empty).
  replace,
  /// Both names swap places atomically; ENOENT if the target does not exist.
  exchange,
};

/// How much must have reached the device.
enum class sync_mode : uint8_t {
  /// The data, and what is needed to read it again: fdatasync(2).
  data,
  /// Data and all metadata: fsync(2).
  full,
};

/// An open file, directory, or symbolic link: what is known of it beside its
/// content.
class open_object {
public:
  virtual ~open_object() = default;

  virtual result<file_info> stat() = 0;

  /// EOPNOTSUPP for a symbolic link, which has none.
  virtual result<void> set_permissions(uint32_t permissions) = 0;

  /// Takes the right to run as somebody else from a file. EPERM without the
  /// privilege, except for a group that the owner is in.
  virtual result<void> set_owner(const file_owner&) = 0;

  /// Returns the names of the extended attributes that the caller may see, in
  /// no particular order. Access control lists are among them:
  /// "system.posix_acl_access" and "system.posix_acl_default".
  virtual result<std::vector<std::string>> attribute_names() = 0;

  /// ENODATA if there is no attribute of that name.
  virtual result<std::string> attribute(const std::string& name) = 0;

  /// Makes the attribute or replaces its value. EOPNOTSUPP where the file
  /// system has no such attributes, EPERM without the privilege, or if what
  /// this is cannot have it.
  virtual result<void> set_attribute(const std::string& name,
                                     const std::string& value)
    = 0;

  /// ENODATA if there is no attribute of that name.
  virtual result<void> remove_attribute(const std::string& name) = 0;
};

using link_ptr = std::unique_ptr<open_object>;

/// An open file, pipe, FIFO, socket or device. Opening never waits (a FIFO
/// without reader is ENXIO when opened for writing), and reading and writing
/// return EAGAIN where a pipe, FIFO or socket would make them wait.
class file : public open_object {
public:
  /// Reads up to `into.size()` bytes at the position of the file, and moves it.
  /// @returns the number of bytes; 0 only at the end (or if `into` is empty).
  virtual result<size_t> read(std::span<std::byte> into) = 0;

  /// Like `read`, at `offset`, without moving the position.
  virtual result<size_t> read_at(uint64_t offset, std::span<std::byte> into)
    = 0;

  /// Writes at the position of the file, and moves it.
  /// @returns the number of bytes, which may be less than there are.
  virtual result<size_t> write(std::span<const std::byte> from) = 0;

  /// Like `write`, at `offset`, without moving the position. Not for files
  /// opened with `append`.
  virtual result<size_t> write_at(uint64_t offset,
                                  std::span<const std::byte> from)
    = 0;

  /// Waits until a read (or write) would not return EAGAIN, or `until`.
  /// @returns whether it would not.
  virtual result<bool> wait_ready(bool for_write, steady_time until) = 0;

  /// Copies up to `count` bytes from `source` without passing them through
  /// this process. EXDEV, EINVAL, ENOSYS or EOPNOTSUPP where that is not
  /// possible.
  /// @returns the number of bytes; 0 at the end of `source`.
  virtual result<size_t> copy_from(file& source, uint64_t source_offset,
                                   uint64_t offset, size_t count)
    = 0;

  /// Lets this (empty) file share the blocks of `source`: FICLONE. Not possible
  /// on many file systems: EOPNOTSUPP, EXDEV, EINVAL, ENOTTY.
  virtual result<void> clone_from(file& source) = 0;

  /// Returns the first data at or behind `offset`; an empty extent if there is
  /// only a hole up to the end, or nothing. A file system may take holes for
  /// data. EINVAL, ESPIPE or EOPNOTSUPP for what has no holes, for instance a
  /// pipe.
  virtual result<data_extent> find_data(uint64_t offset) = 0;

  /// Makes a hole of what is there; the size stays. EOPNOTSUPP where that is
  /// not possible, EINVAL if `length` is 0.
  virtual result<void> punch_hole(uint64_t offset, uint64_t length) = 0;

  /// Changes the size; new bytes are a hole.
  virtual result<void> truncate(uint64_t size) = 0;

  /// Returns when the content has reached the device. After an error, nothing
  /// is known of data written before; calling again tells nothing.
  virtual result<void> sync(sync_mode) = 0;

  virtual result<void> set_times(const file_times&) = 0;

  /// Closes the file and tells of errors that only show then. The object is
  /// good for nothing afterwards.
  virtual result<void> close() = 0;
};

using file_ptr = std::unique_ptr<file>;

/// An open directory: a base for paths, and a list of entries.
class directory : public open_object {
public:
  /// Appends entries that were not read yet, without "." and "..", in no
  /// particular order.
  /// @returns whether there may be more.
  virtual result<bool> read(std::vector<directory_entry>& into) = 0;

  /// Makes names in this directory durable: fsync(2).
  virtual result<void> sync() = 0;
};

using directory_ptr = std::unique_ptr<directory>;

/// A file system.
class vfs {
public:
  virtual ~vfs() = default;

  /// Returns the base for paths that come from outside: the working directory,
  /// or the root of a confined file system.
  virtual const directory& start() const = 0;

  /// Checks that `start` is still what its path leads to: ESTALE if something
  /// was mounted there or unmounted, or the directory was replaced. To be
  /// called before each operation, and by nobody while another thread performs
  /// one.
  /// @returns a number that changes when `start` becomes another directory.
  /// What
  ///          was opened before is in another place then.
  virtual result<uint64_t> check_start() {
    return 0;
  }

  virtual result<file_ptr> open(const directory& base, const std::string& path,
                                const open_options& how)
    = 0;

  /// ENOTDIR if it is something else, also for a symbolic link if not `follow`.
  virtual result<directory_ptr>
  open_directory(const directory& base, const std::string& path, bool follow)
    = 0;

  /// Opens a symbolic link itself. EINVAL if it is something else.
  virtual result<link_ptr> open_link(const directory& base,
                                     const std::string& path)
    = 0;

  virtual result<file_info> stat(const directory& base, const std::string& path,
                                 bool follow)
    = 0;

  /// EEXIST if there is anything of that name.
  virtual result<void> make_directory(const directory& base,
                                      const std::string& path,
                                      uint32_t permissions)
    = 0;

  /// Removes a name that is not a directory (EISDIR).
  virtual result<void> remove_file(const directory& base,
                                   const std::string& path)
    = 0;

  /// Removes an empty directory (ENOTEMPTY, ENOTDIR).
  virtual result<void> remove_directory(const directory& base,
                                        const std::string& path)
    = 0;

  /// EXDEV across devices, EINVAL if `to` is inside `from`; EINVAL for modes
  /// other than `replace` where the file system lacks them.
  virtual result<void> rename(const directory& from_base,
                              const std::string& from, const directory& to_base,
                              const std::string& to, rename_mode)
    = 0;

  /// Gives what is at `from`, a symbolic link itself if it is one, the name
  /// `to` as well. EEXIST if there is anything of that name, EPERM for a
  /// directory, EXDEV across devices.
  virtual result<void>
  make_hard_link(const directory& from_base, const std::string& from,
                 const directory& to_base, const std::string& to)
    = 0;

  /// Makes a symbolic link at `path` that says `target`.
  virtual result<void> make_link(const std::string& target,
                                 const directory& base, const std::string& path)
    = 0;

  /// EINVAL if it is no symbolic link.
  virtual result<std::string> read_link(const directory& base,
                                        const std::string& path)
    = 0;

  /// Follows a symbolic link.
  virtual result<void> set_permissions(const directory& base,
                                       const std::string& path,
                                       uint32_t permissions)
    = 0;

  /// Nothing to set succeeds for any path.
  /// @param follow whether a symbolic link or its target is meant.
  virtual result<void> set_times(const directory& base, const std::string& path,
                                 const file_times&, bool follow)
    = 0;

  /// Returns the sizes of the file system that holds `path`.
  virtual result<space_info> disk_space(const directory& base,
                                        const std::string& path)
    = 0;
};

using vfs_ptr = std::shared_ptr<vfs>;

} // namespace spindle::fs
