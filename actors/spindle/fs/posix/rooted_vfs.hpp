// The part of the file system of the machine that is beneath one directory.
#pragma once

#include "spindle/export.hpp"
#include "spindle/fs/attempt.hpp"
#include "spindle/fs/vfs.hpp"
#include "spindle/ops/root_terms.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace spindle::fs {

class root_directory;

/// Confines every path of every call to a directory, the root, whatever others
/// do to it meanwhile: the system resolves each path as a whole, with
/// openat2(2). Otherwise it does what posix_vfs does, and may be used from
/// several threads at once.
///
/// Paths:
///   - `start` is the root. Absolute paths are EACCES, as is a ".." above the
///     base, and a symbolic link on the way that is absolute or leads out;
///     magic links as those in /proc are ELOOP. A link may say anything,
///     though, and be read, renamed and removed: it is not followed then.
///   - Any directory passed as `base` is a root of its own: no path leaves it,
///     not even for another part of the root. So what comes from outside, and
///     links in it that go up and down again, belong to `start`.
///   - Mount points beneath the root are part of it, and so is what has a hard
///     link there: both were put there by somebody who could. Renaming between
///     two of them is EXDEV, as ever.
///   - If others on the machine rename without pause, a path that goes up may
///     be EBUSY.
///
/// What it cannot do: a directory that is open stays the same directory, also
/// when somebody moves it out of the root meanwhile. What is done by way of it
/// then happens in it, outside of the root, but never above it. An operation
/// has directories open for as long as it takes. This needs somebody who may
/// write to both places by other means; no call of this class moves anything
/// out.
///
/// With `access_mode::read_only`, whatever would change anything is EROFS, and
/// the system is not asked. Directories can be synced nevertheless.
///
/// Directories passed as `base` and files passed as `source` must come from
/// this rooted_vfs.
class SPINDLE_EXPORT rooted_vfs final : public vfs {
public:
  /// Confines to the directory at `path`. When the path leads elsewhere later,
  /// because something is mounted there or unmounted or the directory gets
  /// another name, `check_start` says so, and operations are `errc::stale`,
  /// until it is back or `open_anew` is called. Fails if it cannot be opened,
  /// if the system lacks openat2(2) (ENOSYS, or EPERM if it is forbidden), or
  /// if /proc is not there (ENOENT), by way of which permissions and times are
  /// set.
  static attempt<std::shared_ptr<rooted_vfs>>
  open(const std::string& path, access_mode access, root_terms terms = {});

  /// Opens what is at the path of the root now; it counts from the next
  /// `check_start` on. Any thread may call.
  /// @returns whether it is another directory than before.
  attempt<bool> open_anew();

  ~rooted_vfs() override;

  // -- implementation of vfs --------------------------------------------------

  /// The root. It is a base, and cannot be read: open "." in it.
  const directory& start() const override;

  /// ESTALE if the path of the root leads elsewhere. Costs a system call.
  result<uint64_t> check_start() override;

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

private:
  rooted_vfs(std::unique_ptr<root_directory> root, access_mode access);

  bool is_read_only() const {
    return access_ == access_mode::read_only;
  }

  std::unique_ptr<root_directory> root_;
  access_mode access_;
};

} // namespace spindle::fs
