#include "spindle/fs/posix/closer.hpp"

#include <csignal>
#include <new>
#include <optional>
#include <system_error>
#include <tuple>
#include <utility>

#include <linux/magic.h>
#include <sys/vfs.h>

namespace spindle::fs::posix {

namespace {

/// Starts a thread that blocks all signals, so that the threads of the
/// application handle them.
template <class Fun>
std::thread start_without_signals(Fun fun) {
  sigset_t all;
  sigset_t before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  std::thread res;
  try {
    res = std::thread{std::move(fun)};
  } catch (const std::system_error&) {
    // The limit of threads is reached, so there is no thread.
  }
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return res;
}

/// Returns whether the file system renames an open file instead of removing it,
/// as the NFS client does. A crash would leave such a file behind.
bool renames_open_files(int number) {
  struct statfs info;
  return ::fstatfs(number, &info) == -1 || info.f_type == NFS_SUPER_MAGIC;
}

/// Reads the metadata that `frees_much` needs, and no more. A network file
/// system may answer from its cache.
result<file_info> stat_space(int base, const char* path) {
  constexpr auto flags
    = AT_STATX_DONT_SYNC | AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT;
  constexpr auto wanted = STATX_TYPE | STATX_SIZE | STATX_BLOCKS | STATX_NLINK;
  struct statx found;
  if (uninterrupted([&] { return ::statx(base, path, flags, wanted, &found); })
      == -1)
    return fail(errno);
  file_info res;
  res.type = type_of(found.stx_mode);
  res.size = found.stx_size;
  res.allocated = found.stx_blocks * 512;
  res.links = found.stx_nlink;
  return res;
}

/// Holds a file by an O_PATH descriptor.
class held_descriptor final : public held_file {
public:
  held_descriptor(std::shared_ptr<closer> by, descriptor what)
      : closer_(std::move(by)), held_(std::move(what)) {}

  ~held_descriptor() override {
    try {
      if (!number_)
        closer_->add(std::move(held_));
    } catch (const std::bad_alloc&) {
      // `add` has closed it.
    }
  }

  bool wait_free(std::chrono::nanoseconds most) override {
    if (!number_)
      number_ = closer_->add(std::move(held_));
    return closer_->wait(*number_, most);
  }

private:
  std::shared_ptr<closer> closer_;
  descriptor held_;
  /// Set once released.
  std::optional<uint64_t> number_;
};

} // namespace

closer::~closer() {
  {
    std::lock_guard guard{mutex_};
    ends_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable())
    thread_.join();
}

uint64_t closer::add(descriptor what) {
  std::lock_guard guard{mutex_};
  if (ensure_thread()) {
    pending_.push_back(std::move(what));
    changed_.notify_all();
  } else {
    // Nothing is pending: there has never been a thread.
    std::ignore = what.close();
    ++closed_;
  }
  return ++added_;
}

bool closer::wait(uint64_t number, std::chrono::nanoseconds most) {
  std::unique_lock guard{mutex_};
  return changed_.wait_for(guard, most, [&] { return closed_ >= number; });
}

bool closer::ensure_thread() {
  if (!thread_.joinable())
    thread_ = start_without_signals([this] { run(); });
  return thread_.joinable();
}

void closer::run() {
  std::unique_lock guard{mutex_};
  for (;;) {
    changed_.wait(guard, [&] { return ends_ || !pending_.empty(); });
    if (pending_.empty())
      return;
    auto next = std::move(pending_.front());
    pending_.pop_front();
    guard.unlock();
    std::ignore = next.close();
    guard.lock();
    ++closed_;
    changed_.notify_all();
  }
}

result<held_ptr> hold_found(const std::shared_ptr<closer>& by,
                            descriptor found) {
  auto info = stat(found.get());
  if (!info)
    return fail(info.error());
  if (!frees_much(*info) || renames_open_files(found.get()))
    return nullptr;
  return std::make_unique<held_descriptor>(by, std::move(found));
}

result<held_ptr> hold_at(const std::shared_ptr<closer>& by, int base,
                         const char* path) {
  auto info = stat_space(base, path);
  if (!info)
    return fail(info.error());
  if (!frees_much(*info))
    return nullptr;
  descriptor found{uninterrupted(
    [&] { return ::openat(base, path, O_PATH | O_NOFOLLOW | O_CLOEXEC); })};
  if (found.get() == -1)
    return fail(errno);
  return hold_found(by, std::move(found));
}

} // namespace spindle::fs::posix
