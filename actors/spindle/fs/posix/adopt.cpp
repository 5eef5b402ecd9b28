#include "spindle/fs/posix/adopt.hpp"

#include "spindle/fs/posix/posix_file.hpp"

#include <string>

namespace spindle::fs {

namespace {

/// Opens the file of a descriptor again, because O_NONBLOCK set on the
/// descriptor itself would affect everybody who shares it. Uses "thread-self",
/// because "self" has no descriptors once the main thread has ended.
int reopen(int number) {
  auto path = "/proc/thread-self/fd/" + std::to_string(number);
  return posix::uninterrupted([&] {
    return ::open(path.c_str(), O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  });
}

int duplicate(int number) {
  return ::fcntl(number, F_DUPFD_CLOEXEC, 0);
}

} // namespace

result<adopted_file> adopt(int number) {
  auto flags = ::fcntl(number, F_GETFL);
  if (flags == -1)
    return fail(errno);
  if ((flags & O_ACCMODE) == O_RDONLY)
    return fail(EACCES);
  auto info = posix::stat(number);
  if (!info)
    return fail(info.error());
  // A regular file never blocks a writer, and its duplicate shares the
  // position. A socket cannot be opened again; each send passes MSG_DONTWAIT.
  auto kept = info->type == file_type::file || info->type == file_type::socket;
  auto own = kept ? duplicate(number) : reopen(number);
  if (own == -1)
    return fail(errno);
  // A file opened with O_APPEND is written at its end, whatever its position.
  auto at_end = (flags & O_APPEND) != 0 && info->type == file_type::file;
  return adopted_file{std::make_unique<posix::open_file>(
                        posix::descriptor{own}, posix::position::shared),
                      at_end ? std::optional{info->size} : position_of(number)};
}

std::optional<uint64_t> position_of(int descriptor) {
  auto res = ::lseek(descriptor, 0, SEEK_CUR);
  if (res < 0)
    return std::nullopt;
  return static_cast<uint64_t>(res);
}

} // namespace spindle::fs
