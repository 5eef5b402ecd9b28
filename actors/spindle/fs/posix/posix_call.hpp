// What all system calls of posix_vfs and rooted_vfs have in common:
// interruption, errors, descriptors, and the translation of what they take and
// what they say.
#pragma once

#include <cerrno>
#include <cstddef>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/types.h>
#include <unistd.h>

#include "spindle/fs/vfs.hpp"
#include "spindle/ops/operations.hpp"

namespace spindle::fs::posix {

static_assert(sizeof(off_t) == sizeof(uint64_t));

/// Repeats a system call for as long as signals interrupt it.
template <class Call>
auto uninterrupted(Call call) {
  for (;;) {
    auto outcome = call();
    if (outcome != -1 || errno != EINTR)
      return outcome;
  }
}

/// Turns the outcome of a system call that returns 0 or -1 into a result.
inline result<void> status(int outcome) {
  if (outcome == -1)
    return fail(errno);
  return {};
}

/// Turns the outcome of a system call that returns a size or -1 into a result.
inline result<size_t> count(ssize_t outcome) {
  if (outcome == -1)
    return fail(errno);
  return static_cast<size_t>(outcome);
}

/// Owns a file descriptor, or stands for `AT_FDCWD` and the like, which are
/// negative and never closed.
class descriptor {
public:
  explicit descriptor(int number) noexcept : number_(number) {}

  descriptor(descriptor&& other) noexcept
      : number_(std::exchange(other.number_, -1)) {}

  descriptor& operator=(descriptor&&) = delete;

  ~descriptor() {
    // An error cannot be told here; who wants to know calls `close`.
    std::ignore = close();
  }

  /// The number to pass to system calls.
  int get() const noexcept {
    return number_;
  }

  /// Closes the descriptor now, and only once.
  result<void> close() noexcept {
    auto number = std::exchange(number_, -1);
    // Linux has closed the descriptor even if it reports EINTR.
    if (number < 0 || ::close(number) == 0 || errno == EINTR)
      return {};
    return fail(errno);
  }

private:
  int number_;
};

// -- what system calls take ---------------------------------------------------

/// The system would take such a path for a shorter one.
inline bool has_nul(const std::string& path) {
  return path.find('\0') != std::string::npos;
}

/// Returns the flags of open(2) for a file that never makes anybody wait.
int flags_of(const open_options& how);

/// Returns the flags of renameat2(2).
unsigned flags_of(rename_mode mode);

/// Writes accessed and modified time in the form that utimensat(2) takes.
struct times_argument {
  explicit times_argument(const file_times& times);

  timespec values[2];
};

// -- what they say ------------------------------------------------------------

/// Returns a path to what is open, for system calls that take no descriptor of
/// something that was merely found. It contains no name that anybody else could
/// give to something else. Unlike "self", which is the first thread of the
/// process, the thread that asks is still there.
std::string path_to(int number);

/// Returns the type in the upper bits of `st_mode`.
file_type type_of(mode_t mode);

/// Asks for the state of an open descriptor.
result<file_info> stat(int number);

/// Translates what the system says of a file.
file_info info_of(const struct stat& from);

/// Translates what the system says of a file system.
space_info info_of(const struct statvfs& from);

/// Returns what a symbolic link says, as readlinkat(2) finds it.
result<std::string> link_text(int base, const char* path);

} // namespace spindle::fs::posix
