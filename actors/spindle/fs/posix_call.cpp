#include "spindle/fs/posix_call.hpp"

#include <chrono>

namespace spindle::fs::posix {

namespace {

file_time time_of(const timespec& from) {
  return file_time{std::chrono::seconds{from.tv_sec}
                   + std::chrono::nanoseconds{from.tv_nsec}};
}

timespec to_timespec(const std::optional<file_time>& from) {
  if (!from)
    return {0, UTIME_OMIT};
  auto seconds = std::chrono::floor<std::chrono::seconds>(*from);
  auto rest = *from - seconds;
  return {seconds.time_since_epoch().count(), rest.count()};
}

} // namespace

file_type type_of(mode_t mode) {
  switch (mode & S_IFMT) {
    case S_IFREG:
      return file_type::file;
    case S_IFDIR:
      return file_type::directory;
    case S_IFLNK:
      return file_type::symlink;
    case S_IFIFO:
      return file_type::fifo;
    case S_IFSOCK:
      return file_type::socket;
    case S_IFBLK:
      return file_type::block_device;
    case S_IFCHR:
      return file_type::character_device;
    default:
      return file_type::unknown;
  }
}

result<file_info> stat(int number) {
  struct stat info;
  if (::fstat(number, &info) == -1)
    return fail(errno);
  return info_of(info);
}

file_info info_of(const struct stat& from) {
  file_info info;
  info.type = type_of(from.st_mode);
  info.size = static_cast<uint64_t>(from.st_size);
  info.allocated = static_cast<uint64_t>(from.st_blocks) * 512;
  info.permissions = from.st_mode & 07777;
  info.user = from.st_uid;
  info.group = from.st_gid;
  info.links = from.st_nlink;
  info.device = from.st_dev;
  info.inode = from.st_ino;
  info.accessed = time_of(from.st_atim);
  info.modified = time_of(from.st_mtim);
  info.changed = time_of(from.st_ctim);
  return info;
}

times_argument::times_argument(const file_times& times)
    : values{to_timespec(times.accessed), to_timespec(times.modified)} {}

} // namespace spindle::fs::posix
