// The file system of the machine, confined to one directory.
#pragma once

#include "spindle/export.hpp"
#include "spindle/fs/failures.hpp"
#include "spindle/fs/vfs.hpp"
#include "spindle/ops/root_terms.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace spindle::fs {

class root_directory;

namespace posix {

class closer;

} // namespace posix

/// Confines every path of every call to a directory, the root, whatever other
/// processes do at the same time: the kernel resolves each path as a whole,
/// with openat2(2). Otherwise like posix_vfs. May be used from several threads
/// at once.
///
/// Paths:
///   - `start` is the root. EACCES for an absolute path, a ".." above the base,
///     and a symbolic link on the way that is absolute or leads out of the
///     base. ELOOP for magic links such as those in /proc. Links with any
///     target may be created, read, renamed and removed, since that does not
///     follow them.
///   - No path leaves the directory passed as `base`, not even for another part
///     of the root. So resolve the paths of operations from `start`.
///   - Mount points beneath the root, and files with a hard link there, are
///     part of it. Renaming between two mount points is EXDEV.
///   - A path with ".." may be EBUSY while other processes rename continuously.
///
/// Limitation: an operation keeps directories open. If another process moves an
/// open directory out of the root, the operation continues in it, outside of
/// the root but never above that directory. Only a process with write access to
/// both places can do that; no call of this class moves anything out.
///
/// With `access_mode::read_only`, every call that would change anything is
/// EROFS without a system call. Directories can still be synced.
///
/// Directories passed as `base` and files passed as `source` must come from
/// this rooted_vfs.
class SPINDLE_EXPORT rooted_vfs final : public vfs {
public:
  /// Makes a file system that is confined to the directory at `path`. If the
  /// path leads elsewhere later, because a file system is mounted or unmounted
  /// there or the directory is renamed, `check_start` fails and operations are
  /// `errc::stale`, until the directory is back or `open_anew` is called. Fails
  /// if the directory cannot be opened, if openat2(2) is missing (ENOSYS) or
  /// forbidden (EPERM), or if /proc is not mounted (ENOENT), which is needed to
  /// set permissions and times.
  static attempt<std::shared_ptr<rooted_vfs>>
  open(const std::string& path, access_mode access, root_terms terms = {});

  /// Opens the directory at the path of the root now; it is used from the next
  /// `check_start` on. Any thread may call.
  /// @returns whether it differs from the directory in use.
  attempt<bool> open_anew();

  ~rooted_vfs() override;

  // -- implementation of vfs --------------------------------------------------

  /// The root. It can be a base, but not be read: open "." in it for that.
  const directory& start() const override;

  bool may_wait() const noexcept override {
    return true;
  }

  /// ESTALE if the path of the root leads elsewhere. Takes one system call.
  result<uint64_t> check_start() override;

  result<file_ptr> open(const directory& base, const std::string& path,
                        const open_options& how) override;

  std::unique_ptr<open_call> opening(const directory& base,
                                     const std::string& path) override;

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

  /// Null if the root is read-only.
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

private:
  rooted_vfs(std::unique_ptr<root_directory> root, access_mode access);

  bool is_read_only() const {
    return access_ == access_mode::read_only;
  }

  std::unique_ptr<root_directory> root_;
  access_mode access_;
  std::shared_ptr<posix::closer> closer_;
};

} // namespace spindle::fs
