// A file system in memory that behaves like Linux and can simulate crashes.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "spindle/export.hpp"
#include "spindle/fs/memory/memory_fifo.hpp"
#include "spindle/fs/vfs.hpp"

namespace spindle::fs {

namespace memory {

struct state;

} // namespace memory

/// Options of a memory_vfs.
struct memory_options {
  /// Permission bits that are cleared in new files and directories.
  uint32_t umask = 022;
  /// Whether files can share blocks; else `file::clone_from` is EOPNOTSUPP.
  bool clones = false;
  /// Whether nothing counts as cached, so that `open_options::cached` and
  /// `file::read_cached` fail with `would_wait`.
  bool cold = false;
};

/// Files, directories, symbolic links and FIFOs in memory. It returns the same
/// results as posix_vfs, errno included, except:
///   - Permissions and owners are stored, but not enforced. The caller is root.
///   - A file has at most 1 GiB (EFBIG). Space is counted in bytes, not in
///     blocks.
///   - Extended attributes are stored; access control lists have no effect.
///   - Time is a counter of nanoseconds that each change advances.
///   - The working directory is the root.
/// May be used from several threads at once. Files and directories may outlive
/// it. Directories passed as `base`, and files passed as `source`, must come
/// from the same memory_vfs.
///
/// Crash model. Every change is pending until a sync makes it durable. A crash
/// keeps everything durable, and any part of the pending changes that these
/// rules allow:
///   - Bytes and sizes: `file::sync` makes the content of that file durable. Of
///     the writes and truncations since, any subset survives, in their order. A
///     write may survive in part: its 512-byte sectors up to some point, or
///     only the growth of the file, which then reads as zeros.
///   - Permissions, times, owners and attributes: `sync_mode::full`, or
///     `directory::sync`, makes them durable; if changed since, the old or the
///     new ones survive.
///   - Names: `directory::sync` makes the names in that directory durable.
///     `file::sync` does not, not even the name of the file. Of the names
///     created, removed and renamed in one directory since, the changes up to
///     some point survive, in their order.
///   - Renames: survive as a whole. So syncing one of two directories makes a
///     rename between them durable, with all earlier changes of names in the
///     other. The move of a directory to another directory becomes durable with
///     all earlier changes of any name.
///   - Symbolic links survive with their name. FIFOs are empty. Holes use
///     space.
/// Files without a name after the crash are lost.
class SPINDLE_EXPORT memory_vfs final : public vfs {
public:
  explicit memory_vfs(memory_options options = {});

  ~memory_vfs() override;

  // -- implementation of vfs --------------------------------------------------

  const directory& start() const override;

  bool may_wait() const noexcept override;

  result<file_ptr> open(const directory& base, const std::string& path,
                        const open_options& how) override;

  result<directory_ptr> open_directory(const directory& base,
                                       const std::string& path,
                                       bool follow) override;

  result<link_ptr> open_link(const directory& base,
                             const std::string& path) override;

  result<file_info> stat(const directory& base, const std::string& path,
                         bool follow) override;

  result<void> make_directory(const directory& base, const std::string& path,
                              uint32_t permissions) override;

  result<void> remove_file(const directory& base,
                           const std::string& path) override;

  result<void> remove_directory(const directory& base,
                                const std::string& path) override;

  result<held_ptr> hold(const directory& base,
                        const std::string& path) override;

  result<held_ptr> remove_and_hold(const directory& base,
                                   const std::string& path) override;

  result<void> rename(const directory& from_base, const std::string& from,
                      const directory& to_base, const std::string& to,
                      rename_mode mode) override;

  result<void> make_hard_link(const directory& from_base,
                              const std::string& from, const directory& to_base,
                              const std::string& to) override;

  result<void> make_link(const std::string& target, const directory& base,
                         const std::string& path) override;

  result<std::string> read_link(const directory& base,
                                const std::string& path) override;

  result<void> set_permissions(const directory& base, const std::string& path,
                               uint32_t permissions) override;

  result<void> set_times(const directory& base, const std::string& path,
                         const file_times& times, bool follow) override;

  result<space_info> disk_space(const directory& base,
                                const std::string& path) override;

  // -- set-up and inspection, for tests ---------------------------------------
  // Paths start at the root. Errors are thrown as std::system_error.

  /// Creates a FIFO; the caller reads or writes its other end.
  /// @param capacity maximum number of bytes in the FIFO.
  std::shared_ptr<memory_fifo> make_fifo(const std::string& path,
                                         size_t capacity = 65536);

  /// Creates a directory that is a mount point of another device: renaming
  /// between the two is EXDEV, removing or renaming the directory itself is
  /// EBUSY.
  void mount(const std::string& path);

  /// Limits the bytes of all files together. Writes beyond the limit are short,
  /// then ENOSPC.
  void set_capacity(uint64_t bytes);

  /// Lets `held_file::wait_free` return false this many times, as if freeing
  /// the disk space of a file took long.
  void set_free_delay(size_t times);

  /// Lets files claim so many times the space that they need, so that small
  /// ones count as large.
  void set_allocation_factor(uint64_t factor);

  /// Creates a file with this content, or replaces the content of an existing
  /// one.
  void write_file(const std::string& path, std::string_view text);

  /// Returns the content of a file; nothing if there is none of that name.
  std::optional<std::string> read_file(const std::string& path);

  /// Returns all entries with their content in the format of `dump_of`.
  std::string tree();

  // -- crashes ----------------------------------------------------------------

  /// Makes all changes durable.
  void sync_all();

  /// Returns a copy as a crash at this moment may leave it; everything in the
  /// copy is durable. This file system is not changed. The same history and
  /// seed give the same result.
  std::shared_ptr<memory_vfs> after_crash(uint64_t seed) const;

private:
  explicit memory_vfs(std::shared_ptr<memory::state> state);

  std::shared_ptr<memory::state> state_;
  directory_ptr start_;
};

} // namespace spindle::fs
