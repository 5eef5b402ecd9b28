// Resolves paths beneath a directory with openat2(2).
#pragma once

#include "spindle/fs/posix/posix_call.hpp"
#include "spindle/fs/vfs.hpp"

#include <string>
#include <utility>

#include <linux/openat2.h>

namespace spindle::fs::posix {

/// Returns the errno for an invalid path, or 0.
int defect_of(const std::string& path);

/// Maps an errno of openat2(2) beneath a directory to the one that
/// `open_beneath` documents.
int translated(int sys_errno);

/// Returns how to open a file for reading with openat2(2).
/// @param is_confined whether the path must stay beneath its base.
open_how how_to_read(bool is_confined);

/// Opens `path`, which must stay beneath the directory `base` in all its parts.
/// Neither "..", nor symbolic links, nor a concurrent exchange of directories
/// and links can lead out of it. Mount points are crossed. O_CLOEXEC is
/// implied. Errors beside those of open(2):
///   - EACCES for a path that leaves `base`, an absolute path, or an absolute
///     symbolic link on the way. The kernel returns EXDEV, which a move would
///     take as a request to copy to another device.
///   - ELOOP for magic links such as those in /proc.
///   - EBUSY if a path contains ".." and other processes rename continuously.
/// @param permissions of a new file, before the umask.
result<descriptor> open_beneath(int base, const std::string& path, int flags,
                                uint32_t permissions = 0);

/// Like `open_beneath`, but `would_wait` if the system does not have all that
/// it needs in memory. Linux before 5.12 does not know, and opens all the same.
result<descriptor> open_cached_beneath(int base, const std::string& path,
                                       int flags);

/// Opens `path` like openat(2), but `would_wait` if the system does not have
/// all that it needs in memory. Opens all the same where openat2(2) is missing,
/// forbidden, or too old to know.
result<descriptor> open_cached(int base, const std::string& path, int flags);

/// A name in an open directory, for the system calls that act on names.
class name_beneath {
public:
  /// Opens the directory that contains the last component of `path`. The
  /// component itself is not accessed. `path` must outlive the result.
  static result<name_beneath> find(int base, const std::string& path);

  /// The directory to pass to the *at family of system calls.
  int directory() const noexcept {
    return opened_.get() < 0 ? base_ : opened_.get();
  }

  /// The last component with the slashes behind it. It may be "." or "..": all
  /// system calls that create, remove or rename refuse these with their usual
  /// errors. None of these calls follows a symbolic link of that name, even
  /// with a trailing slash.
  const char* name() const noexcept {
    return name_;
  }

private:
  name_beneath(int base, descriptor opened, const char* name)
      : base_(base), opened_(std::move(opened)), name_(name) {}

  int base_;
  /// Negative if the directory is the base itself.
  descriptor opened_;
  const char* name_;
};

} // namespace spindle::fs::posix
