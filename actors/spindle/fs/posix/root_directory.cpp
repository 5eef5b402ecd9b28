#include "spindle/fs/posix/root_directory.hpp"

#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

namespace spindle::fs {

using namespace posix;

namespace {

/// Returns type, inode and mount of a path.
result<struct statx> statx_at(int base, const char* path, int flags) {
  struct statx res {};
  // AT_STATX_DONT_SYNC: a network file system need not ask its server.
  auto mask = STATX_TYPE | STATX_INO | STATX_MNT_ID;
  if (uninterrupted([&] {
        return ::statx(base, path, flags | AT_STATX_DONT_SYNC, mask, &res);
      })
      == -1)
    return fail(errno);
  return res;
}

uint64_t device_of(const struct statx& x) {
  return makedev(x.stx_dev_major, x.stx_dev_minor);
}

root_identity identity_of(const struct statx& x) {
  auto knows_mount = (x.stx_mask & STATX_MNT_ID) != 0;
  return {device_of(x), x.stx_ino, knows_mount ? x.stx_mnt_id : 0};
}

/// Returns whether a file system with its own device is mounted at a directory.
/// A mount point alone does not prove that: service managers bind-mount
/// directories to themselves to make them writable.
result<bool> is_mount(const descriptor& opened) {
  auto here = statx_at(opened.get(), "", AT_EMPTY_PATH);
  auto above = statx_at(opened.get(), "..", 0);
  if (!here || !above)
    return fail(here ? above.error() : here.error());
  auto knows_root = (here->stx_attributes_mask & STATX_ATTR_MOUNT_ROOT) != 0;
  auto is_root = (here->stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0;
  return device_of(*here) != device_of(*above) && (is_root || !knows_root);
}

} // namespace

// -- construction -------------------------------------------------------------

attempt<root_directory::candidate>
root_directory::find(const std::string& path, const root_terms& terms) {
  if (has_nul(path))
    return failed(EINVAL, path);
  descriptor opened{uninterrupted(
    [&] { return ::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC); })};
  if (opened.get() == -1)
    return failed(errno, path);
  auto seen = statx_at(opened.get(), "", AT_EMPTY_PATH);
  if (!seen)
    return failed(seen.error(), path);
  if (terms.must_be_mount) {
    auto mounted = is_mount(opened);
    if (!mounted)
      return failed(mounted.error(), path);
    if (!*mounted)
      return refused(
        errc::stale, path,
        "no file system is mounted there, but must_be_mount requires "
        "one: mount it");
  }
  return candidate{std::move(opened), identity_of(*seen)};
}

attempt<std::unique_ptr<root_directory>>
root_directory::open(const std::string& path, root_terms terms) {
  auto found = find(path, terms);
  if (!found)
    return tl::unexpected{std::move(found.error())};
  // Every check uses the path, so it must not depend on the working directory.
  std::error_code error;
  auto absolute = std::filesystem::absolute(path, error);
  if (error)
    return failed(error.value(), path);
  return std::unique_ptr<root_directory>{
    new root_directory{absolute.string(), std::move(terms), std::move(*found)}};
}

root_directory::root_directory(std::string path, root_terms terms,
                               candidate first)
    : path_(std::move(path)),
      terms_(std::move(terms)),
      open_(std::make_unique<posix::open_directory>(std::move(first.opened))),
      id_(first.id) {}

// -- checks -------------------------------------------------------------------

result<uint64_t> root_directory::check() {
  std::unique_lock guard{mutex_};
  if (auto next = std::exchange(next_, std::nullopt)) {
    auto is_other = !next->id.is_same_directory(id_);
    if (auto used = use(std::move(*next)); !used)
      return fail(used.error());
    generation_ += is_other ? 1 : 0;
  }
  auto why = defect();
  auto generation = generation_;
  auto is_new = std::exchange(is_lost_, why.has_value()) != why.has_value();
  guard.unlock();
  if (is_new && terms_.observer)
    terms_.observer(why);
  if (why)
    return fail(ESTALE);
  return generation;
}

std::optional<failure> root_directory::defect() {
  auto seen = statx_at(AT_FDCWD, path_.c_str(), 0);
  if (!seen)
    return failed(seen.error(), path_).value();
  auto now = identity_of(*seen);
  if (now == id_)
    return std::nullopt;
  if (!now.is_same_directory(id_))
    return failed(ESTALE, path_,
                  "the path leads to another directory than the one that was "
                  "opened: a file system was mounted or unmounted there, or "
                  "the directory was replaced")
      .value();
  // The same directory in another mount: use the new mount from now on.
  auto found = find(path_, terms_);
  if (!found)
    return std::move(found.error());
  if (!found->id.is_same_directory(id_))
    return failed(ESTALE, path_, "the directory was replaced during the check")
      .value();
  if (auto used = use(std::move(*found)); !used)
    return failed(used.error(), path_).value();
  return std::nullopt;
}

result<void> root_directory::use(candidate other) {
  auto number = open_->number();
  // dup3(2) replaces the descriptor atomically, so the number is always valid.
  if (uninterrupted(
        [&] { return ::dup3(other.opened.get(), number, O_CLOEXEC); })
      == -1)
    return fail(errno);
  id_ = other.id;
  return {};
}

attempt<bool> root_directory::open_anew() {
  auto found = find(path_, terms_);
  if (!found)
    return tl::unexpected{std::move(found.error())};
  std::unique_lock guard{mutex_};
  auto is_other = !found->id.is_same_directory(id_);
  next_.reset();
  if (found->id != id_)
    next_.emplace(std::move(*found));
  return is_other;
}

} // namespace spindle::fs
