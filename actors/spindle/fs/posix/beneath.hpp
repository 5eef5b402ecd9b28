// Resolving paths without ever leaving a directory: openat2(2).
#pragma once

#include "spindle/fs/posix/posix_call.hpp"
#include "spindle/fs/vfs.hpp"

#include <string>
#include <utility>

namespace spindle::fs::posix {

/// Returns the errno for what cannot be a path, or 0.
int defect_of(const std::string& path);

/// Opens `path`, every part of which is beneath the directory `base`: neither
/// "..", nor a symbolic link anywhere in it, nor somebody who swaps directories
/// and links meanwhile leads out of it. Mount points are crossed. O_CLOEXEC is
/// implied. Beside the errors of open(2):
///   - EACCES for a path that leaves `base`, and for any absolute path or
///     symbolic link on the way. The system says EXDEV, which the layers above
///     would take for another device, to be reached by copying.
///   - ELOOP for magic links as those in /proc, which lead anywhere.
///   - EBUSY if others rename without pause while a path goes up.
/// @param permissions of a file that is made, before the umask.
result<descriptor> open_beneath(int base, const std::string& path, int flags,
                                uint32_t permissions = 0);

/// A name in an open directory, for the system calls that act on names.
class name_beneath {
public:
  /// Opens the directory that has the last component of `path`, which must
  /// outlive the result. The component itself is not looked at.
  static result<name_beneath> find(int base, const std::string& path);

  /// The directory to pass to the *at family of system calls.
  int directory() const noexcept {
    return opened_.get() < 0 ? base_ : opened_.get();
  }

  /// The last component, along with the slashes behind it. It may also be "."
  /// or "..", which all system calls that make, remove or rename refuse without
  /// going there, each with the error that belongs to it; and none of them
  /// follows a symbolic link of that name, not even one with a slash behind it.
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
