#include "spindle/fs/posix/posix_call.hpp"

#include <chrono>
#include <climits>
#include <cstdio>

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

// -- arguments ----------------------------------------------------------------

int flags_of(const open_options& how) {
  auto flags = O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
  flags |= !how.write ? O_RDONLY : how.read ? O_RDWR : O_WRONLY;
  flags |= how.create ? O_CREAT : 0;
  flags |= how.create && how.exclusive ? O_EXCL : 0;
  flags |= how.truncate ? O_TRUNC : 0;
  flags |= how.append ? O_APPEND : 0;
  flags |= how.follow ? 0 : O_NOFOLLOW;
  return flags;
}

unsigned flags_of(rename_mode mode) {
  switch (mode) {
    case rename_mode::keep:
      return RENAME_NOREPLACE;
    case rename_mode::exchange:
      return RENAME_EXCHANGE;
    default:
      return 0;
  }
}

times_argument::times_argument(const file_times& times)
    : values{to_timespec(times.accessed), to_timespec(times.modified)} {}

// -- results ------------------------------------------------------------------

std::string path_to(int number) {
  return "/proc/thread-self/fd/" + std::to_string(number);
}

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

space_info info_of(const struct statvfs& from) {
  return {from.f_blocks * from.f_frsize, from.f_bfree * from.f_frsize,
          from.f_bavail * from.f_frsize};
}

result<std::string> link_text(int base, const char* path) {
  // The target of a link is at most PATH_MAX bytes.
  char target[PATH_MAX];
  auto size = uninterrupted(
    [&] { return ::readlinkat(base, path, target, sizeof(target)); });
  if (size == -1)
    return fail(errno);
  return std::string(target, static_cast<size_t>(size));
}

} // namespace spindle::fs::posix
