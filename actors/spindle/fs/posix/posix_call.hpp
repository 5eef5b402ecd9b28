// Helpers for the system calls of posix_vfs and rooted_vfs: EINTR, errors,
// descriptors, and conversion of arguments and results.
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

/// Repeats a system call as long as it fails with EINTR.
template <class Call>
auto uninterrupted(Call call) {
  for (;;) {
    auto outcome = call();
    if (outcome != -1 || errno != EINTR)
      return outcome;
  }
}

/// Converts the return value of a system call that returns 0 or -1.
inline result<void> status(int outcome) {
  if (outcome == -1)
    return fail(errno);
  return {};
}

/// Converts the return value of a system call that returns a size or -1.
inline result<size_t> count(ssize_t outcome) {
  if (outcome == -1)
    return fail(errno);
  return static_cast<size_t>(outcome);
}

/// Owns a file descriptor. Negative values such as `AT_FDCWD` are never closed.
class descriptor {
public:
  explicit descriptor(int number) noexcept : number_(number) {}

  descriptor(descriptor&& other) noexcept
      : number_(std::exchange(other.number_, -1)) {}

  descriptor& operator=(descriptor&&) = delete;

  ~descriptor() {
    // The destructor ignores errors; call `close` to see them.
    std::ignore = close();
  }

  /// The number to pass to system calls.
  int get() const noexcept {
    return number_;
  }

  /// Closes the descriptor now; a second call does nothing.
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

// -- arguments ----------------------------------------------------------------

/// Returns whether a path contains a NUL, where the kernel would cut it off.
inline bool has_nul(const std::string& path) {
  return path.find('\0') != std::string::npos;
}

/// Returns the flags of open(2), with O_NONBLOCK.
int flags_of(const open_options& how);

/// Returns the flags of renameat2(2).
unsigned flags_of(rename_mode mode);

/// Access and modification time as argument of utimensat(2).
struct times_argument {
  explicit times_argument(const file_times& times);

  timespec values[2];
};

// -- results ------------------------------------------------------------------

/// Returns the path of a descriptor in /proc, for system calls that do not
/// accept an O_PATH descriptor. Nobody can make it lead elsewhere. Uses
/// "thread-self", because "self" has no descriptors once the main thread has
/// ended.
std::string path_to(int number);

/// Returns the type in the upper bits of `st_mode`.
file_type type_of(mode_t mode);

/// Returns the metadata of an open descriptor: fstat(2).
result<file_info> stat(int number);

/// Converts the result of stat(2).
file_info info_of(const struct stat& from);

/// Converts the result of statvfs(3).
space_info info_of(const struct statvfs& from);

/// Returns the target of a symbolic link: readlinkat(2).
result<std::string> link_text(int base, const char* path);

} // namespace spindle::fs::posix
