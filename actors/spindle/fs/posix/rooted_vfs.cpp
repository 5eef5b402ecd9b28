#include "spindle/fs/posix/rooted_vfs.hpp"

#include "spindle/fs/posix/beneath.hpp"
#include "spindle/fs/posix/closer.hpp"
#include "spindle/fs/posix/described_open.hpp"
#include "spindle/fs/posix/posix_file.hpp"
#include "spindle/fs/posix/root_directory.hpp"

#include <cstdio>
#include <string_view>
#include <utility>

namespace spindle::fs {

using namespace posix;

namespace {

/// Opens `path`, or the symbolic link itself, with O_PATH to read its metadata.
/// Needs only search permission for the directories on the way.
result<descriptor> find(const directory& base, const std::string& path,
                        bool follow) {
  return open_beneath(number_of(base), path,
                      O_PATH | (follow ? 0 : O_NOFOLLOW));
}

/// Resolves `path` and calls `act` with the open directory and the name in it.
template <class Act>
result<void> at(const directory& base, const std::string& path, Act act) {
  auto where = name_beneath::find(number_of(base), path);
  if (!where)
    return fail(where.error());
  return status(
    uninterrupted([&] { return act(where->directory(), where->name()); }));
}

/// Returns whether `name` can only lead to an entry of its directory.
bool is_entry(std::string_view name) {
  return name != "." && name != ".." && name.find('/') == name.npos;
}

/// A file of a read-only root, which has more members to refuse.
class read_only_file final : public read_only<open_file> {
public:
  using read_only::read_only;

  result<void> set_times(const file_times&) override {
    return fail(EROFS);
  }
};

/// Fails if openat2(2) or /proc is not available.
attempt<void> probe(const directory& root, const std::string& path) {
  auto opened = open_beneath(number_of(root), ".", O_PATH);
  if (!opened)
    return failed(opened.error(), path,
                  "paths cannot be confined without the system call openat2: "
                  "Linux 5.6 or later is needed, and a sandbox that allows it");
  struct stat info;
  if (::stat(path_to(opened->get()).c_str(), &info) == -1)
    return failed(errno, path,
                  "/proc is needed to set permissions and times: mount it");
  return {};
}

attempt<std::unique_ptr<root_directory>> open_root(const std::string& path,
                                                   root_terms terms) {
  auto root = root_directory::open(path, std::move(terms));
  if (root)
    if (auto able = probe((*root)->get(), path); !able)
      return tl::unexpected{std::move(able.error())};
  return root;
}

} // namespace

// -- construction and destruction ---------------------------------------------

attempt<std::shared_ptr<rooted_vfs>> rooted_vfs::open(const std::string& path,
                                                      access_mode access,
                                                      root_terms terms) {
  auto root = open_root(path, std::move(terms));
  if (!root) {
    root.error().operation = "confine";
    return tl::unexpected{std::move(root.error())};
  }
  return std::shared_ptr<rooted_vfs>{new rooted_vfs{std::move(*root), access}};
}

rooted_vfs::rooted_vfs(std::unique_ptr<root_directory> root, access_mode access)
    : root_(std::move(root)),
      access_(access),
      closer_(std::make_shared<closer>()) {}

rooted_vfs::~rooted_vfs() = default;

// -- the root -----------------------------------------------------------------

const directory& rooted_vfs::start() const {
  return root_->get();
}

result<uint64_t> rooted_vfs::check_start() {
  return root_->check();
}

attempt<bool> rooted_vfs::open_anew() {
  auto res = root_->open_anew();
  if (!res)
    res.error().operation = "confine";
  return res;
}

// -- opening ------------------------------------------------------------------

result<file_ptr> rooted_vfs::open(const directory& base,
                                  const std::string& path,
                                  const open_options& how) {
  if (is_read_only() && (how.write || how.create || how.truncate))
    return fail(EROFS);
  if (!how.read && !how.write)
    return fail(EINVAL);
  auto opened
    = how.cached
      ? open_cached_beneath(number_of(base), path, flags_of(how))
      : open_beneath(number_of(base), path, flags_of(how), how.permissions);
  if (!opened)
    return fail(opened.error());
  if (is_read_only())
    return std::make_unique<read_only_file>(std::move(*opened));
  return std::make_unique<open_file>(std::move(*opened));
}

std::unique_ptr<open_call> rooted_vfs::opening(const directory& base,
                                               const std::string& path) {
  auto wrap = [](descriptor opened) -> file_ptr {
    return std::make_unique<open_file>(std::move(opened));
  };
  auto wrap_read_only = [](descriptor opened) -> file_ptr {
    return std::make_unique<read_only_file>(std::move(opened));
  };
  if (is_read_only())
    return std::make_unique<described_open>(*this, base, path, true,
                                            wrap_read_only);
  return std::make_unique<described_open>(*this, base, path, true, wrap);
}

result<directory_ptr> rooted_vfs::open_directory(const directory& base,
                                                 const std::string& path,
                                                 bool follow) {
  auto flags = O_RDONLY | O_DIRECTORY | (follow ? 0 : O_NOFOLLOW);
  auto opened = open_beneath(number_of(base), path, flags);
  if (!opened)
    return fail(opened.error());
  if (is_read_only())
    return std::make_unique<read_only<posix::open_directory>>(
      std::move(*opened));
  return std::make_unique<posix::open_directory>(std::move(*opened));
}

result<link_ptr> rooted_vfs::open_link(const directory& base,
                                       const std::string& path) {
  auto found = find(base, path, false);
  if (!found)
    return fail(found.error());
  return is_read_only()
         ? link_or_fail<read_only<posix::open_link>>(std::move(*found))
         : link_or_fail<posix::open_link>(std::move(*found));
}

// -- names --------------------------------------------------------------------

result<file_info> rooted_vfs::stat(const directory& base,
                                   const std::string& path, bool follow) {
  auto found = find(base, path, follow);
  if (!found)
    return fail(found.error());
  return posix::stat(found->get());
}

result<void> rooted_vfs::make_directory(const directory& base,
                                        const std::string& path,
                                        uint32_t permissions) {
  if (is_read_only())
    return fail(EROFS);
  return at(base, path, [&](int parent, const char* name) {
    return ::mkdirat(parent, name, permissions);
  });
}

result<void> rooted_vfs::remove_file(const directory& base,
                                     const std::string& path) {
  if (is_read_only())
    return fail(EROFS);
  return at(base, path, [](int parent, const char* name) {
    return ::unlinkat(parent, name, 0);
  });
}

result<void> rooted_vfs::remove_directory(const directory& base,
                                          const std::string& path) {
  if (is_read_only())
    return fail(EROFS);
  return at(base, path, [](int parent, const char* name) {
    return ::unlinkat(parent, name, AT_REMOVEDIR);
  });
}

result<held_ptr> rooted_vfs::hold(const directory& base,
                                  const std::string& path) {
  if (is_read_only())
    return nullptr;
  auto where = name_beneath::find(number_of(base), path);
  if (!where)
    return fail(where.error());
  if (is_entry(where->name()))
    return hold_at(closer_, where->directory(), where->name());
  auto found = find(base, path, false);
  if (!found)
    return fail(found.error());
  return hold_found(closer_, std::move(*found));
}

result<held_ptr> rooted_vfs::remove_and_hold(const directory& base,
                                             const std::string& path) {
  if (is_read_only())
    return fail(EROFS);
  held_ptr held;
  auto removed = at(base, path, [&](int parent, const char* name) {
    if (!held && is_entry(name))
      held = hold_at(closer_, parent, name).value_or(nullptr);
    return ::unlinkat(parent, name, 0);
  });
  if (!removed)
    return fail(removed.error());
  return held;
}

result<void> rooted_vfs::rename(const directory& from_base,
                                const std::string& from,
                                const directory& to_base, const std::string& to,
                                rename_mode mode) {
  if (is_read_only())
    return fail(EROFS);
  if (has_nul(to))
    return fail(EINVAL);
  auto source = name_beneath::find(number_of(from_base), from);
  if (!source)
    return fail(source.error());
  return at(to_base, to, [&](int parent, const char* name) {
    return ::renameat2(source->directory(), source->name(), parent, name,
                       flags_of(mode));
  });
}

result<void> rooted_vfs::make_hard_link(const directory& from_base,
                                        const std::string& from,
                                        const directory& to_base,
                                        const std::string& to) {
  if (is_read_only())
    return fail(EROFS);
  if (has_nul(to))
    return fail(EINVAL);
  auto source = find(from_base, from, false);
  if (!source)
    return fail(source.error());
  // Link the file that was found, not what may have its name by now.
  return at(to_base, to, [&](int parent, const char* name) {
    return ::linkat(AT_FDCWD, path_to(source->get()).c_str(), parent, name,
                    AT_SYMLINK_FOLLOW);
  });
}

result<void> rooted_vfs::make_link(const std::string& target,
                                   const directory& base,
                                   const std::string& path) {
  if (is_read_only())
    return fail(EROFS);
  if (has_nul(path))
    return fail(EINVAL);
  if (auto defect = defect_of(target); defect != 0)
    return fail(defect);
  return at(base, path, [&](int parent, const char* name) {
    return ::symlinkat(target.c_str(), parent, name);
  });
}

result<std::string> rooted_vfs::read_link(const directory& base,
                                          const std::string& path) {
  auto found = find(base, path, false);
  if (!found)
    return fail(found.error());
  auto text = link_text(found->get(), "");
  // readlinkat(2) returns ENOENT for a descriptor that is not a link.
  if (!text && text.error() == ENOENT)
    return fail(EINVAL);
  return text;
}

// -- properties ---------------------------------------------------------------

result<void> rooted_vfs::set_permissions(const directory& base,
                                         const std::string& path,
                                         uint32_t permissions) {
  if (is_read_only())
    return fail(EROFS);
  auto found = find(base, path, true);
  if (!found)
    return fail(found.error());
  return status(uninterrupted(
    [&] { return ::chmod(path_to(found->get()).c_str(), permissions); }));
}

result<void> rooted_vfs::set_times(const directory& base,
                                   const std::string& path,
                                   const file_times& times, bool follow) {
  if (is_read_only())
    return fail(EROFS);
  if (has_nul(path))
    return fail(EINVAL);
  if (!times.accessed && !times.modified)
    return {};
  auto found = find(base, path, follow);
  if (!found)
    return fail(found.error());
  times_argument argument{times};
  // The path in /proc leads to the link that was found and does not follow it.
  return status(uninterrupted([&] {
    return ::utimensat(AT_FDCWD, path_to(found->get()).c_str(), argument.values,
                       0);
  }));
}

result<space_info> rooted_vfs::disk_space(const directory& base,
                                          const std::string& path) {
  auto found = find(base, path, true);
  if (!found)
    return fail(found.error());
  struct statvfs space;
  if (uninterrupted([&] { return ::fstatvfs(found->get(), &space); }) == -1)
    return fail(errno);
  return info_of(space);
}

} // namespace spindle::fs
