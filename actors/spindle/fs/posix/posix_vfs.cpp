#include "spindle/fs/posix/posix_vfs.hpp"

#include "spindle/fs/posix/beneath.hpp"
#include "spindle/fs/posix/closer.hpp"
#include "spindle/fs/posix/described_open.hpp"
#include "spindle/fs/posix/posix_call.hpp"
#include "spindle/fs/posix/posix_file.hpp"

#include <cstdio>

namespace spindle::fs {

using namespace posix;

namespace {

int follow_flag(bool follow) {
  return follow ? 0 : AT_SYMLINK_NOFOLLOW;
}

int open_at(const directory& base, const std::string& path, int flags,
            mode_t permissions = 0) {
  return uninterrupted([&] {
    return ::openat(number_of(base), path.c_str(), flags, permissions);
  });
}

/// Makes a system call that takes a path relative to a descriptor.
template <class Call>
result<void> call_at(const directory& base, const std::string& path,
                     Call call) {
  if (has_nul(path))
    return fail(EINVAL);
  return status(
    uninterrupted([&] { return call(number_of(base), path.c_str()); }));
}

} // namespace

// -- construction and destruction ---------------------------------------------

posix_vfs::posix_vfs()
    : start_(std::make_unique<posix::open_directory>(descriptor{AT_FDCWD})),
      closer_(std::make_shared<closer>()) {}

posix_vfs::~posix_vfs() = default;

// -- opening ------------------------------------------------------------------

const directory& posix_vfs::start() const {
  return *start_;
}

result<file_ptr> posix_vfs::open(const directory& base, const std::string& path,
                                 const open_options& how) {
  if (has_nul(path) || (!how.read && !how.write))
    return fail(EINVAL);
  if (how.cached) {
    auto cached = open_cached(number_of(base), path, flags_of(how));
    if (!cached)
      return fail(cached.error());
    return std::make_unique<open_file>(std::move(*cached));
  }
  descriptor opened{open_at(base, path, flags_of(how), how.permissions)};
  if (opened.get() == -1)
    return fail(errno);
  return std::make_unique<open_file>(std::move(opened));
}

std::unique_ptr<open_call> posix_vfs::opening(const directory& base,
                                              const std::string& path) {
  auto wrap = [](descriptor opened) -> file_ptr {
    return std::make_unique<open_file>(std::move(opened));
  };
  return std::make_unique<described_open>(*this, base, path, false, wrap);
}

result<directory_ptr> posix_vfs::open_directory(const directory& base,
                                                const std::string& path,
                                                bool follow) {
  if (has_nul(path))
    return fail(EINVAL);
  auto flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC | (follow ? 0 : O_NOFOLLOW);
  descriptor opened{open_at(base, path, flags)};
  if (opened.get() == -1)
    return fail(errno);
  return std::make_unique<posix::open_directory>(std::move(opened));
}

result<link_ptr> posix_vfs::open_link(const directory& base,
                                      const std::string& path) {
  if (has_nul(path))
    return fail(EINVAL);
  descriptor found{open_at(base, path, O_PATH | O_NOFOLLOW | O_CLOEXEC)};
  if (found.get() == -1)
    return fail(errno);
  return link_or_fail<posix::open_link>(std::move(found));
}

// -- names --------------------------------------------------------------------

result<file_info> posix_vfs::stat(const directory& base,
                                  const std::string& path, bool follow) {
  if (has_nul(path))
    return fail(EINVAL);
  struct stat info;
  auto outcome = uninterrupted([&] {
    return ::fstatat(number_of(base), path.c_str(), &info, follow_flag(follow));
  });
  if (outcome == -1)
    return fail(errno);
  return info_of(info);
}

result<void> posix_vfs::make_directory(const directory& base,
                                       const std::string& path,
                                       uint32_t permissions) {
  return call_at(base, path, [&](int parent, const char* name) {
    return ::mkdirat(parent, name, permissions);
  });
}

result<void> posix_vfs::remove_file(const directory& base,
                                    const std::string& path) {
  return call_at(base, path, [](int parent, const char* name) {
    return ::unlinkat(parent, name, 0);
  });
}

result<void> posix_vfs::remove_directory(const directory& base,
                                         const std::string& path) {
  return call_at(base, path, [](int parent, const char* name) {
    return ::unlinkat(parent, name, AT_REMOVEDIR);
  });
}

result<held_ptr> posix_vfs::hold(const directory& base,
                                 const std::string& path) {
  if (has_nul(path))
    return fail(EINVAL);
  return hold_at(closer_, number_of(base), path.c_str());
}

result<held_ptr> posix_vfs::remove_and_hold(const directory& base,
                                            const std::string& path) {
  auto held = hold(base, path).value_or(nullptr);
  if (auto removed = remove_file(base, path); !removed)
    return fail(removed.error());
  return held;
}

result<void> posix_vfs::rename(const directory& from_base,
                               const std::string& from,
                               const directory& to_base, const std::string& to,
                               rename_mode mode) {
  if (has_nul(from) || has_nul(to))
    return fail(EINVAL);
  return status(uninterrupted([&] {
    return ::renameat2(number_of(from_base), from.c_str(), number_of(to_base),
                       to.c_str(), flags_of(mode));
  }));
}

result<void> posix_vfs::make_hard_link(const directory& from_base,
                                       const std::string& from,
                                       const directory& to_base,
                                       const std::string& to) {
  if (has_nul(from) || has_nul(to))
    return fail(EINVAL);
  return status(uninterrupted([&] {
    return ::linkat(number_of(from_base), from.c_str(), number_of(to_base),
                    to.c_str(), 0);
  }));
}

result<void> posix_vfs::make_link(const std::string& target,
                                  const directory& base,
                                  const std::string& path) {
  if (has_nul(target))
    return fail(EINVAL);
  return call_at(base, path, [&](int parent, const char* name) {
    return ::symlinkat(target.c_str(), parent, name);
  });
}

result<std::string> posix_vfs::read_link(const directory& base,
                                         const std::string& path) {
  if (has_nul(path))
    return fail(EINVAL);
  return link_text(number_of(base), path.c_str());
}

// -- properties ---------------------------------------------------------------

result<void> posix_vfs::set_permissions(const directory& base,
                                        const std::string& path,
                                        uint32_t permissions) {
  return call_at(base, path, [&](int parent, const char* name) {
    return ::fchmodat(parent, name, permissions, 0);
  });
}

result<void> posix_vfs::set_times(const directory& base,
                                  const std::string& path,
                                  const file_times& times, bool follow) {
  times_argument argument{times};
  return call_at(base, path, [&](int parent, const char* name) {
    return ::utimensat(parent, name, argument.values, follow_flag(follow));
  });
}

result<space_info> posix_vfs::disk_space(const directory& base,
                                         const std::string& path) {
  if (has_nul(path))
    return fail(EINVAL);
  // There is no statvfsat; O_PATH needs no permission for the file and never
  // blocks.
  descriptor opened{open_at(base, path, O_PATH | O_CLOEXEC)};
  if (opened.get() == -1)
    return fail(errno);
  struct statvfs space;
  if (uninterrupted([&] { return ::fstatvfs(opened.get(), &space); }) == -1)
    return fail(errno);
  return info_of(space);
}

} // namespace spindle::fs
