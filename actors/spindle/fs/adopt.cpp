#include "spindle/fs/adopt.hpp"

#include "spindle/fs/posix_file.hpp"

#include <string>

namespace spindle::fs {

namespace {

/// Opens anew what a descriptor refers to: O_NONBLOCK set on the descriptor
/// itself would be seen by all who share it.
int reopen(int number) {
  auto path = "/proc/self/fd/" + std::to_string(number);
  return posix::uninterrupted([&] {
    return ::open(path.c_str(), O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  });
}

int duplicate(int number) {
  return ::fcntl(number, F_DUPFD_CLOEXEC, 0);
}

} // namespace

result<file_ptr> adopt(int number) {
  auto flags = ::fcntl(number, F_GETFL);
  if (flags == -1)
    return fail(errno);
  if ((flags & O_ACCMODE) == O_RDONLY)
    return fail(EACCES);
  auto info = posix::stat(number);
  if (!info)
    return fail(info.error());
  // A file never makes a writer wait, and a duplicate shares its position. A
  // socket cannot be opened anew; each call says that it shall not wait.
  auto kept = info->type == file_type::file || info->type == file_type::socket;
  auto own = kept ? duplicate(number) : reopen(number);
  if (own == -1)
    return fail(errno);
  return std::make_unique<posix::open_file>(posix::descriptor{own},
                                            posix::position::shared);
}

} // namespace spindle::fs
