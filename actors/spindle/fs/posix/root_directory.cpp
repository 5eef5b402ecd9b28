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

/// Asks for the identity of what is at a path.
result<struct statx> look_at(int base, const char* path, int flags) {
  struct statx res {};
  // Nobody needs a network file system to ask its server for this.
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

/// Returns whether a file system of its own is mounted at a directory. (Service
/// managers mount directories over themselves to make them writable, so that
/// being a mount point says little.)
result<bool> is_mount(const descriptor& opened) {
  auto here = look_at(opened.get(), "", AT_EMPTY_PATH);
  auto above = look_at(opened.get(), "..", 0);
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
  auto seen = look_at(opened.get(), "", AT_EMPTY_PATH);
  if (!seen)
    return failed(seen.error(), path);
  if (terms.must_be_mount) {
    auto mounted = is_mount(opened);
    if (!mounted)
      return failed(mounted.error(), path);
    if (!*mounted)
      return refused(errc::stale, path,
                     "no file system is mounted there, and must_be_mount says "
                     "that one has to be: mount it");
  }
  return candidate{std::move(opened), identity_of(*seen)};
}

attempt<std::unique_ptr<root_directory>>
root_directory::open(const std::string& path, root_terms terms) {
  auto found = find(path, terms);
  if (!found)
    return tl::unexpected{std::move(found.error())};
  // It is looked for again and again, whatever the working directory is then.
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
      open_(std::make_unique<open_directory>(std::move(first.opened))),
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
  auto seen = look_at(AT_FDCWD, path_.c_str(), 0);
  if (!seen)
    return failed(seen.error(), path_).value();
  auto now = identity_of(*seen);
  if (now == id_)
    return std::nullopt;
  if (!now.is_same_directory(id_))
    return failed(ESTALE, path_,
                  "this is another directory than the one that was opened: "
                  "something was mounted there or unmounted, or the directory "
                  "was replaced")
      .value();
  // Mounted anew: it is reached by way of the new mount, as anybody else does.
  auto found = find(path_, terms_);
  if (!found)
    return std::move(found.error());
  if (!found->id.is_same_directory(id_))
    return failed(ESTALE, path_, "it is being replaced").value();
  if (auto used = use(std::move(*found)); !used)
    return failed(used.error(), path_).value();
  return std::nullopt;
}

result<void> root_directory::use(candidate other) {
  auto number = open_->number();
  // At no time is the number that of nothing.
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
