// A file system in memory that behaves as Linux does, and that can crash.
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

/// What may be chosen of a memory_vfs.
struct memory_options {
  /// Permission bits that new files and directories do not get.
  uint32_t umask = 022;
  /// Whether files can share blocks; else `file::clone_from` is EOPNOTSUPP.
  bool clones = false;
};

/// Files, directories, symbolic links and FIFOs as a POSIX system has them, in
/// memory. It gives the answers of posix_vfs, errno included, with these
/// differences:
///   - Permissions and owners are stored, and not enforced. The caller is root.
///   - A file has at most 1 GiB (EFBIG). Room is counted byte by byte.
///   - Extended attributes are stored; access control lists mean nothing.
///   - Time is a counter of nanoseconds that each change advances.
///   - The working directory is the root.
/// May be used from several threads at once. Files and directories may outlive
/// it. Directories passed as `base`, and files passed as `source`, must come
/// from the same memory_vfs.
///
/// Contract of a crash. All that was done is pending until a sync makes it
/// durable, and a machine that loses power keeps what is durable and any part
/// of what is pending that these rules allow:
///   - Bytes and sizes: `file::sync` makes the content of that file durable. Of
///     the writes and truncations since, any subset arrives, in their order; a
///     write also in part: the sectors of 512 bytes up to some point, or the
///     growth of the file alone, which then reads as zeros.
///   - Permissions, times, owners and attributes: `sync_mode::full`, or
///     `directory::sync`, makes them durable; if changed since, the old or the
///     new ones are found.
///   - Names: `directory::sync` makes the names in that directory durable.
///     `file::sync` does not, not even the name of the file. Names made,
///     removed and renamed in one directory since arrive in their order, up to
///     some point.
///   - Renames: arrive as a whole. So a rename between two directories arrives
///     as soon as one of them is synced, along with all that was done to names
///     in the other before. A directory that moves to another directory
///     arrives along with all that was done to any name before.
///   - Symbolic links arrive with their name. FIFOs are empty. Holes take room.
/// What has no name after the crash is gone.
class SPINDLE_EXPORT memory_vfs final : public vfs {
public:
  explicit memory_vfs(memory_options options = {});

  ~memory_vfs() override;

  // -- implementation of vfs --------------------------------------------------

  const directory& start() const override;

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
  // Paths start at the root. What cannot be done throws std::system_error.

  /// Makes a FIFO whose other end the caller drives.
  /// @param capacity bytes that it holds when nobody reads.
  std::shared_ptr<memory_fifo> make_fifo(const std::string& path,
                                         size_t capacity = 65536);

  /// Makes a directory that is the root of another device: renaming between the
  /// two is EXDEV, removing or renaming the directory itself EBUSY.
  void mount(const std::string& path);

  /// Limits the bytes that all files together may have: writes beyond are
  /// short, then ENOSPC.
  void set_capacity(uint64_t bytes);

  /// Makes a file with this content, or gives it to an existing one.
  void write_file(const std::string& path, std::string_view text);

  /// Returns the content of a file, unless there is no file of that name.
  std::optional<std::string> read_file(const std::string& path);

  /// Returns all there is, as `dump_of` does.
  std::string tree();

  // -- crashes ----------------------------------------------------------------

  /// Makes all that was done durable.
  void sync_all();

  /// Returns a file system as it may be found after a crash at this moment; all
  /// that is in it is durable. This file system stays as it is. The same
  /// history and the same seed give the same outcome.
  std::shared_ptr<memory_vfs> after_crash(uint64_t seed) const;

private:
  explicit memory_vfs(std::shared_ptr<memory::state> state);

  std::shared_ptr<memory::state> state_;
  directory_ptr start_;
};

} // namespace spindle::fs
