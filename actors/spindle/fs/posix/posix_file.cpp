#include "spindle/fs/posix/posix_file.hpp"

#include <csignal>
#include <string_view>
#include <utility>

#include <dirent.h>
#include <linux/fs.h>
#include <poll.h>
#include <pthread.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>

namespace spindle::fs::posix {

namespace {

/// Blocks SIGPIPE in this thread only.
class sigpipe_guard {
public:
  sigpipe_guard() {
    sigset_t pending;
    sigemptyset(&sigpipe_);
    sigaddset(&sigpipe_, SIGPIPE);
    sigpending(&pending);
    was_pending_ = sigismember(&pending, SIGPIPE) == 1;
    pthread_sigmask(SIG_BLOCK, &sigpipe_, &before_);
  }

  sigpipe_guard(const sigpipe_guard&) = delete;

  sigpipe_guard& operator=(const sigpipe_guard&) = delete;

  ~sigpipe_guard() {
    auto error = errno;
    // A signal that was pending before is not ours.
    if (!was_pending_) {
      timespec now{};
      uninterrupted([&] { return sigtimedwait(&sigpipe_, nullptr, &now); });
    }
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
    errno = error;
  }

private:
  sigset_t sigpipe_;
  sigset_t before_;
  bool was_pending_;
};

ssize_t write_stream(int number, std::span<const std::byte> from) {
  // A socket from the caller may be blocking.
  auto sent = uninterrupted([&] {
    return ::send(number, from.data(), from.size(),
                  MSG_DONTWAIT | MSG_NOSIGNAL);
  });
  if (sent != -1 || errno != ENOTSOCK)
    return sent;
  sigpipe_guard guard;
  return uninterrupted(
    [&] { return ::write(number, from.data(), from.size()); });
}

timespec remaining(steady_time until) {
  auto now = std::chrono::steady_clock::now();
  auto rest = until > now ? until - now : std::chrono::nanoseconds{0};
  auto seconds = std::chrono::floor<std::chrono::seconds>(rest);
  return {seconds.count(), (rest - seconds).count()};
}

} // namespace

// -- open_file ----------------------------------------------------------------

result<size_t> open_file::read(std::span<std::byte> into) {
  if (!stream_) {
    auto got = read_at(position_, into);
    if (got)
      position_ += *got;
    if (got || got.error() != ESPIPE)
      return got;
    stream_ = true;
  }
  return count(uninterrupted(
    [&] { return ::read(descriptor_.get(), into.data(), into.size()); }));
}

result<size_t> open_file::read_at(uint64_t offset, std::span<std::byte> into) {
  return count(uninterrupted([&] {
    return ::pread(descriptor_.get(), into.data(), into.size(),
                   static_cast<off_t>(offset));
  }));
}

result<size_t> open_file::read_cached(uint64_t offset,
                                      std::span<std::byte> into) {
  // For preadv2(2), the offset -1 is the position.
  if (!std::in_range<off_t>(offset))
    return fail(EINVAL);
  iovec part{into.data(), into.size()};
  auto got = uninterrupted([&] {
    return ::preadv2(number(), &part, 1, static_cast<off_t>(offset),
                     RWF_NOWAIT);
  });
  if (got == -1)
    return fail(errno == EAGAIN ? would_wait : errno);
  return static_cast<size_t>(got);
}

// Everything that can raise SIGPIPE refuses pwrite(2) with ESPIPE. So pwrite(2)
// distinguishes files from streams without an extra system call.
result<size_t> open_file::write(std::span<const std::byte> from) {
  if (!stream_) {
    auto put = write_at(position_, from);
    if (put)
      position_ += *put;
    if (put || put.error() != ESPIPE)
      return put;
    stream_ = true;
  }
  return count(write_stream(descriptor_.get(), from));
}

result<size_t> open_file::write_at(uint64_t offset,
                                   std::span<const std::byte> from) {
  return count(uninterrupted([&] {
    return ::pwrite(descriptor_.get(), from.data(), from.size(),
                    static_cast<off_t>(offset));
  }));
}

result<bool> open_file::wait_ready(bool for_write, steady_time until) {
  pollfd target{};
  target.fd = descriptor_.get();
  target.events = for_write ? POLLOUT : POLLIN;
  auto ready = uninterrupted([&] {
    auto rest = remaining(until);
    return ::ppoll(&target, 1, &rest, nullptr);
  });
  if (ready == -1)
    return fail(errno);
  return ready > 0;
}

result<size_t> open_file::copy_from(file& source, uint64_t source_offset,
                                    uint64_t offset, size_t count) {
  auto from = static_cast<open_file&>(source).descriptor_.get();
  return posix::count(uninterrupted([&] {
    auto from_offset = static_cast<off_t>(source_offset);
    auto to_offset = static_cast<off_t>(offset);
    return ::copy_file_range(from, &from_offset, descriptor_.get(), &to_offset,
                             count, 0);
  }));
}

result<void> open_file::clone_from(file& source) {
  auto from = static_cast<open_file&>(source).descriptor_.get();
  return status(
    uninterrupted([&] { return ::ioctl(descriptor_.get(), FICLONE, from); }));
}

result<data_extent> open_file::find_data(uint64_t offset) {
  // lseek(2) moves the position, which must not change if it is shared.
  if (stream_)
    return fail(ESPIPE);
  auto seek = [this](uint64_t from, int whence) {
    return uninterrupted(
      [&] { return ::lseek(number(), static_cast<off_t>(from), whence); });
  };
  auto begin = seek(offset, SEEK_DATA);
  auto end = begin == -1 ? -1 : seek(static_cast<uint64_t>(begin), SEEK_HOLE);
  if (end != -1)
    return data_extent{static_cast<uint64_t>(begin),
                       static_cast<uint64_t>(end)};
  if (errno == ENXIO)
    return data_extent{};
  return fail(errno);
}

result<void> open_file::punch_hole(uint64_t offset, uint64_t length) {
  return status(uninterrupted([&] {
    return ::fallocate(number(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
                       static_cast<off_t>(offset), static_cast<off_t>(length));
  }));
}

result<void> open_file::start_writeback(uint64_t offset, uint64_t length) {
  return status(uninterrupted([&] {
    return ::sync_file_range(number(), static_cast<off_t>(offset),
                             static_cast<off_t>(length), SYNC_FILE_RANGE_WRITE);
  }));
}

result<void> open_file::truncate(uint64_t size) {
  return status(uninterrupted(
    [&] { return ::ftruncate(descriptor_.get(), static_cast<off_t>(size)); }));
}

result<void> open_file::sync(sync_mode mode) {
  return status(uninterrupted([&] {
    return mode == sync_mode::data ? ::fdatasync(descriptor_.get())
                                   : ::fsync(descriptor_.get());
  }));
}

result<void> open_file::set_times(const file_times& times) {
  times_argument argument{times};
  return status(uninterrupted(
    [&] { return ::futimens(descriptor_.get(), argument.values); }));
}

result<void> open_file::close() {
  return descriptor_.close();
}

// -- open_directory -----------------------------------------------------------

namespace {

file_type type_of_entry(int number, const dirent64& entry) {
  if (entry.d_type != DT_UNKNOWN)
    return type_of(DTTOIF(entry.d_type));
  struct stat info;
  auto outcome = uninterrupted([&] {
    return ::fstatat(number, entry.d_name, &info, AT_SYMLINK_NOFOLLOW);
  });
  // If the entry was removed meanwhile, its type stays unknown.
  return outcome == 0 ? type_of(info.st_mode) : file_type::unknown;
}

} // namespace

result<bool> open_directory::read(std::vector<directory_entry>& into) {
  alignas(dirent64) char block[32 * 1024];
  auto size = uninterrupted(
    [&] { return ::getdents64(number(), block, sizeof(block)); });
  if (size == -1)
    return fail(errno);
  for (ssize_t position = 0; position < size;) {
    auto& entry = *reinterpret_cast<const dirent64*>(block + position);
    position += entry.d_reclen;
    auto name = std::string_view{entry.d_name};
    if (name != "." && name != "..")
      into.push_back({std::string{name}, type_of_entry(number(), entry)});
  }
  return size > 0;
}

result<void> open_directory::sync() {
  return status(uninterrupted([&] { return ::fsync(number()); }));
}

} // namespace spindle::fs::posix
