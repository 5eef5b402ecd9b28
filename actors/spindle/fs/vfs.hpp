// Interface for all system calls that access a disk.
//
// Contract of all members, unless a member says otherwise:
//   - They block. They may be called from any thread, but a `file` or a
//     `directory` only from one thread at a time.
//   - They return a value, or the errno(3) that the Linux system call returns
//     in the same situation, but never EINTR. They throw nothing but
//     std::bad_alloc.
//   - A path is relative to its `base`. Unless the file system is confined (see
//     rooted_vfs), an absolute path starts at its root, and ".." leads out of
//     `base`. Names may contain any bytes but '/' and NUL. A path with a NUL is
//     EINVAL, an empty path is ENOENT.
//   - A symbolic link as last component of a path is followed only if `follow`
//     says so; links before it are always followed.
//   - Objects close their descriptor when destroyed.
#pragma once

#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "spindle/export.hpp"
#include "spindle/ops/operations.hpp"

namespace spindle::fs {

/// A value, or an errno(3).
template <class T>
using result = tl::expected<T, int>;

/// Shorthand for a failed `result`.
inline tl::unexpected<int> fail(int sys_errno) {
  return tl::unexpected<int>{sys_errno};
}

/// Error of a call that would have to wait for the device, and was told not to.
/// None of the system calls has this error.
inline constexpr int would_wait = EINPROGRESS;

/// Clock for the deadlines of operations on pipes, FIFOs and sockets.
using steady_time = std::chrono::steady_clock::time_point;

/// How to open a file. The defaults open an existing file for reading. With
/// neither `read` nor `write`, opening fails with EINVAL. For a directory,
/// opening with `write`, `create` or `truncate` fails with EISDIR; otherwise,
/// reading does.
struct open_options {
  bool read = true;
  bool write = false;
  /// Creates the file if it does not exist.
  bool create = false;
  /// With `create`: EEXIST if the name exists, also as a symbolic link.
  bool exclusive = false;
  /// Truncates the file to 0 bytes.
  bool truncate = false;
  /// Each `write` goes to the end of the file. The position is meaningless, so
  /// use `read_at` to read such a file.
  bool append = false;
  /// Follows a symbolic link at the end of the path; if false, it is ELOOP.
  bool follow = true;
  /// Permission bits of a new file, before the umask.
  uint32_t permissions = 0666;
  /// Only if the system has all that it needs in memory, else `would_wait`. Not
  /// together with `write`. File systems that do not know may ignore it.
  bool cached = false;
};

/// Times to set; those not given are kept.
struct file_times {
  std::optional<file_time> accessed{};
  std::optional<file_time> modified{};
};

/// Owner to set; what is not given is kept.
struct file_owner {
  std::optional<uint32_t> user{};
  std::optional<uint32_t> group{};
};

/// A range of data in a file: from `begin` up to, not including, `end`. Between
/// such ranges are holes, which read as zeros and use no space.
struct data_extent {
  uint64_t begin = 0;
  uint64_t end = 0;

  bool empty() const noexcept {
    return begin == end;
  }

  bool operator==(const data_extent&) const = default;
};

/// What a rename does with an existing target.
enum class rename_mode : uint8_t {
  /// Fails with EEXIST.
  keep,
  /// Replaces it atomically (a directory only if it is empty).
  replace,
  /// Exchanges both names atomically; ENOENT if the target does not exist.
  exchange,
};

/// What a sync writes to the device.
enum class sync_mode : uint8_t {
  /// The data, and what is needed to read it again: fdatasync(2).
  data,
  /// Data and all metadata: fsync(2).
  full,
};

/// The metadata of an open file, directory, or symbolic link.
class open_object {
public:
  virtual ~open_object() = default;

  /// Returns the descriptor, if a system call on it does exactly what the
  /// member of the same name does; else -1.
  virtual int plain_descriptor() const noexcept {
    return -1;
  }

  /// Returns a number that is greater than those of all objects of this process
  /// which were opened before; 0 if that is not known.
  virtual uint64_t opening_order() const noexcept {
    return 0;
  }

  virtual result<file_info> stat() = 0;

  /// EOPNOTSUPP for a symbolic link, which has no permissions.
  virtual result<void> set_permissions(uint32_t permissions) = 0;

  /// Clears setuid and setgid of a file. EPERM without the privilege, except
  /// for a group of which the owner is a member.
  virtual result<void> set_owner(const file_owner&) = 0;

  /// Returns the names of the extended attributes that the caller may see, in
  /// no particular order. They include access control lists:
  /// "system.posix_acl_access" and "system.posix_acl_default".
  virtual result<std::vector<std::string>> attribute_names() = 0;

  /// ENODATA if there is no attribute of that name.
  virtual result<std::string> attribute(const std::string& name) = 0;

  /// Creates the attribute or replaces its value. EOPNOTSUPP if the file system
  /// does not support it; EPERM without the privilege, or if this type of file
  /// cannot have it.
  virtual result<void> set_attribute(const std::string& name,
                                     const std::string& value)
    = 0;

  /// ENODATA if there is no attribute of that name.
  virtual result<void> remove_attribute(const std::string& name) = 0;
};

using link_ptr = std::unique_ptr<open_object>;

/// An open file, pipe, FIFO, socket or device. It is non-blocking: opening a
/// FIFO without a reader for writing is ENXIO, and reads and writes return
/// EAGAIN where a pipe, FIFO or socket would block.
class file : public open_object {
public:
  /// Reads up to `into.size()` bytes at the position of the file, and advances
  /// it.
  /// @returns the number of bytes; 0 only at the end of the file, or if `into`
  ///          is empty.
  virtual result<size_t> read(std::span<std::byte> into) = 0;

  /// Like `read`, at `offset`, without moving the position.
  virtual result<size_t> read_at(uint64_t offset, std::span<std::byte> into)
    = 0;

  /// Like `read_at`, for what the system has in memory; `would_wait` if that
  /// begins with nothing. File systems that do not know may read all the same.
  /// ESPIPE or EOPNOTSUPP where only `read` can tell, as for a pipe.
  virtual result<size_t> read_cached(uint64_t offset,
                                     std::span<std::byte> into) {
    return read_at(offset, into);
  }

  /// Writes at the position of the file, and advances it.
  /// @returns the number of bytes written, which may be less than
  ///          `from.size()`.
  virtual result<size_t> write(std::span<const std::byte> from) = 0;

  /// Like `write`, at `offset`, without moving the position. Not for files
  /// opened with `append`.
  virtual result<size_t> write_at(uint64_t offset,
                                  std::span<const std::byte> from)
    = 0;

  /// Blocks until a read (or write) would not return EAGAIN, or until the
  /// deadline `until`.
  /// @returns whether it is ready; false if the deadline passed.
  virtual result<bool> wait_ready(bool for_write, steady_time until) = 0;

  /// Copies up to `count` bytes from `source` within the kernel:
  /// copy_file_range(2). EXDEV, EINVAL, ENOSYS or EOPNOTSUPP where that is not
  /// possible.
  /// @returns the number of bytes; 0 at the end of `source`.
  virtual result<size_t> copy_from(file& source, uint64_t source_offset,
                                   uint64_t offset, size_t count)
    = 0;

  /// Lets this (empty) file share the blocks of `source`: FICLONE. Many file
  /// systems cannot do this: EOPNOTSUPP, EXDEV, EINVAL, ENOTTY.
  virtual result<void> clone_from(file& source) = 0;

  /// Returns the first data at or behind `offset`; an empty extent if there is
  /// no data up to the end. A file system may report holes as data. EINVAL,
  /// ESPIPE or EOPNOTSUPP for files without holes, for instance a pipe.
  virtual result<data_extent> find_data(uint64_t offset) = 0;

  /// Replaces bytes by a hole; keeps the size. EOPNOTSUPP where that is not
  /// possible, EINVAL if `length` is 0.
  virtual result<void> punch_hole(uint64_t offset, uint64_t length) = 0;

  /// Begins to write a range to the device, and does not wait until it is
  /// there: sync_file_range(2). Makes nothing durable, but leaves less to do to
  /// what does. ESPIPE for a pipe, FIFO or socket.
  /// @param length if 0, up to the end.
  virtual result<void> start_writeback(uint64_t offset, uint64_t length) = 0;

  /// Sets the size; new bytes are a hole.
  virtual result<void> truncate(uint64_t size) = 0;

  /// Returns when the content has reached the device. After an error, it is
  /// unknown which earlier writes arrived, and a second sync may succeed
  /// although data was lost.
  virtual result<void> sync(sync_mode) = 0;

  virtual result<void> set_times(const file_times&) = 0;

  /// Closes the file, and returns errors that the system reports only then. No
  /// other member may be called afterwards.
  virtual result<void> close() = 0;
};

using file_ptr = std::unique_ptr<file>;

/// An open directory, used as base for paths and to read its entries.
class directory : public open_object {
public:
  /// Appends some of the entries that were not read yet, without "." and "..",
  /// in no particular order.
  /// @returns whether there may be more.
  virtual result<bool> read(std::vector<directory_entry>& into) = 0;

  /// Makes the names in this directory durable: fsync(2).
  virtual result<void> sync() = 0;
};

using directory_ptr = std::unique_ptr<directory>;

/// A file that is kept open, so its disk space stays in use even after it has
/// lost its last name. The destructor releases the file without waiting.
class held_file {
public:
  virtual ~held_file() = default;

  /// Releases the file, and waits at most `most` until this is done. Then its
  /// disk space is free, unless the file has a name or is open elsewhere.
  /// @returns whether the file is released.
  virtual bool wait_free(std::chrono::nanoseconds most) = 0;
};

using held_ptr = std::unique_ptr<held_file>;

/// Size from which on a file is large: freeing its blocks takes the file system
/// longer than other operations should wait.
inline constexpr uint64_t large_file_bytes = uint64_t{32} << 20;

/// Returns whether `what` is a large file. Holes do not count.
inline bool is_large(const file_info& what) {
  return what.type == file_type::file && what.allocated >= large_file_bytes;
}

/// Returns whether removing a name of `what` frees the space of a large file.
inline bool frees_much(const file_info& what) {
  return is_large(what) && what.links == 1;
}

class open_call;

/// A file system.
class SPINDLE_EXPORT vfs {
public:
  virtual ~vfs() = default;

  /// Returns the base for the paths of operations: the working directory, or
  /// the root of a confined file system.
  virtual const directory& start() const = 0;

  /// Returns whether calls may wait for a device, so that it pays to make
  /// several at once.
  virtual bool may_wait() const noexcept {
    return false;
  }

  /// Checks that the path of `start` still leads to the open directory: ESTALE
  /// if a file system was mounted or unmounted there, or the directory was
  /// replaced. Must be called before each operation, and before each slice of
  /// it, but not while any thread performs one. Calls that an operation awaits
  /// may be in flight: those that have not begun may use another directory
  /// then, so the operation must check once more before it uses their results.
  /// @returns a number that changes when `start` becomes another directory.
  ///          What was opened before then belongs to the old one.
  virtual result<uint64_t> check_start() {
    return 0;
  }

  virtual result<file_ptr> open(const directory& base, const std::string& path,
                                const open_options& how)
    = 0;

  /// Returns the call `open` for reading, for an engine to make it. It keeps
  /// references to its arguments and to this object.
  virtual std::unique_ptr<open_call> opening(const directory& base,
                                             const std::string& path);

  /// ENOTDIR if it is not a directory, also for a symbolic link unless
  /// `follow`.
  virtual result<directory_ptr>
  open_directory(const directory& base, const std::string& path, bool follow)
    = 0;

  /// Opens a symbolic link itself. EINVAL if it is not a symbolic link.
  virtual result<link_ptr> open_link(const directory& base,
                                     const std::string& path)
    = 0;

  virtual result<file_info> stat(const directory& base, const std::string& path,
                                 bool follow)
    = 0;

  /// EEXIST if the path exists, also as a symbolic link.
  virtual result<void> make_directory(const directory& base,
                                      const std::string& path,
                                      uint32_t permissions)
    = 0;

  /// Removes the name of anything but a directory (EISDIR).
  virtual result<void> remove_file(const directory& base,
                                   const std::string& path)
    = 0;

  /// Removes an empty directory (ENOTEMPTY, ENOTDIR).
  virtual result<void> remove_directory(const directory& base,
                                        const std::string& path)
    = 0;

  /// Keeps the file at `path` open if removing its name would free much disk
  /// space. The call that then removes or replaces the file need not free its
  /// blocks, so it takes no longer than for a small file. Needs no permissions
  /// on the file.
  /// @returns null if the file is not large or has other names, if too many
  ///          files are held, or if the file system does not support it.
  virtual result<held_ptr> hold(const directory& base, const std::string& path)
    = 0;

  /// Like `hold` and then `remove_file`, with one resolution of the path where
  /// that is possible. If the file cannot be held, it is removed all the same.
  virtual result<held_ptr> remove_and_hold(const directory& base,
                                           const std::string& path)
    = 0;

  /// EXDEV across devices. EINVAL if `to` is inside `from`, or if the file
  /// system does not support a mode other than `replace`.
  virtual result<void> rename(const directory& from_base,
                              const std::string& from, const directory& to_base,
                              const std::string& to, rename_mode)
    = 0;

  /// Makes `to` a hard link to `from`; a symbolic link at `from` is not
  /// followed. EEXIST if `to` exists, EPERM for a directory, EXDEV across
  /// devices.
  virtual result<void>
  make_hard_link(const directory& from_base, const std::string& from,
                 const directory& to_base, const std::string& to)
    = 0;

  /// Creates a symbolic link at `path` that points to `target`.
  virtual result<void> make_link(const std::string& target,
                                 const directory& base, const std::string& path)
    = 0;

  /// EINVAL if it is not a symbolic link.
  virtual result<std::string> read_link(const directory& base,
                                        const std::string& path)
    = 0;

  /// Follows a symbolic link.
  virtual result<void> set_permissions(const directory& base,
                                       const std::string& path,
                                       uint32_t permissions)
    = 0;

  /// If there is nothing to set, succeeds for any path.
  /// @param follow whether a symbolic link is followed.
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
