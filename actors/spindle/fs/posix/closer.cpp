#include "spindle/fs/posix/closer.hpp"

#include "spindle/fs/posix/without_signals.hpp"

#include <exception>
#include <optional>
#include <tuple>
#include <utility>

#include <linux/magic.h>
#include <sys/vfs.h>

namespace spindle::fs::posix {

namespace {

/// Returns whether the file system renames an open file instead of removing it,
/// as the clients of NFS and AFS do. A crash would leave such a file behind.
bool renames_open_files(int number) {
  struct statfs info;
  return ::fstatfs(number, &info) == -1 || info.f_type == NFS_SUPER_MAGIC
      || info.f_type == AFS_SUPER_MAGIC || info.f_type == AFS_FS_MAGIC;
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
    if (has_place_ && !number_)
      closer_->add(std::move(held_));
  }

  /// Must be called before anything else.
  /// @returns false if too many descriptors are held.
  bool reserve() {
    return has_place_ = closer_->reserve();
  }

  bool wait_free(std::chrono::nanoseconds most) override {
    if (!number_)
      number_ = closer_->add(std::move(held_));
    return closer_->wait(*number_, most);
  }

private:
  std::shared_ptr<closer> closer_;
  descriptor held_;
  bool has_place_ = false;
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

bool closer::reserve() {
  std::lock_guard guard{mutex_};
  if (held_ == max_held)
    return false;
  ++held_;
  return true;
}

uint64_t closer::add(descriptor what) noexcept {
  std::lock_guard guard{mutex_};
  if (!hand_over(what)) {
    std::ignore = what.close();
    ++closed_;
    --held_;
  }
  return ++added_;
}

bool closer::wait(uint64_t number, std::chrono::nanoseconds most) {
  std::unique_lock guard{mutex_};
  return changed_.wait_for(guard, most, [&] { return closed_ >= number; });
}

bool closer::hand_over(descriptor& what) noexcept {
  try {
    if (!thread_.joinable()) {
      without_signals guard;
      thread_ = std::thread{[this] { run(); }};
    }
    pending_.push_back(std::move(what));
    changed_.notify_all();
    return true;
  } catch (const std::exception&) {
    // The limit of threads or of memory is reached.
    return false;
  }
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
    --held_;
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
  // The place is reserved last: nothing can fail that would lose it.
  auto res = std::make_unique<held_descriptor>(by, std::move(found));
  if (!res->reserve())
    return nullptr;
  return held_ptr{std::move(res)};
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
