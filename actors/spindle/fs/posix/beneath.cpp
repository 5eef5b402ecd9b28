#include "spindle/fs/posix/beneath.hpp"

#include <climits>

#include <sys/syscall.h>

namespace spindle::fs::posix {

namespace {

/// The kernel returns EAGAIN if any rename on the machine happens while it
/// resolves a "..". Another attempt takes a few microseconds and fails only if
/// a rename falls into it again; even processes that rename continuously do not
/// cause so many failures in a row.
constexpr int max_attempts = 1000;

constexpr uint64_t resolve_beneath = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;

open_how how_to_open(int flags, uint64_t resolve, uint32_t permissions = 0) {
  open_how res{};
  res.flags = static_cast<unsigned>(flags | O_CLOEXEC);
  // Unlike open(2), openat2(2) refuses a mode without O_CREAT, and unknown mode
  // bits.
  res.mode = (flags & O_CREAT) != 0 ? permissions & 07777 : 0;
  res.resolve = resolve;
  return res;
}

descriptor call_openat2(int base, const std::string& path,
                        const open_how& how) {
  return descriptor{static_cast<int>(uninterrupted([&] {
    return ::syscall(SYS_openat2, base, path.c_str(), &how, sizeof(how));
  }))};
}

} // namespace

int translated(int sys_errno) {
  switch (sys_errno) {
    case EXDEV:
      return EACCES;
    case EAGAIN:
      // The layers above would take EAGAIN for a full or empty pipe.
      return EBUSY;
    default:
      return sys_errno;
  }
}

open_how how_to_read(bool is_confined) {
  return how_to_open(flags_of(open_options{}),
                     is_confined ? resolve_beneath : 0);
}

int defect_of(const std::string& path) {
  if (has_nul(path))
    return EINVAL;
  if (path.empty())
    return ENOENT;
  return path.size() < PATH_MAX ? 0 : ENAMETOOLONG;
}

result<descriptor> open_beneath(int base, const std::string& path, int flags,
                                uint32_t permissions) {
  if (auto defect = defect_of(path); defect != 0)
    return fail(defect);
  auto how = how_to_open(flags, resolve_beneath, permissions);
  for (auto attempt = 1;; ++attempt) {
    auto opened = call_openat2(base, path, how);
    if (opened.get() != -1)
      return opened;
    if (errno != EAGAIN || attempt == max_attempts)
      return fail(translated(errno));
  }
}

result<descriptor> open_cached_beneath(int base, const std::string& path,
                                       int flags) {
  if (auto defect = defect_of(path); defect != 0)
    return fail(defect);
  auto how = how_to_open(flags, resolve_beneath | RESOLVE_CACHED);
  auto opened = call_openat2(base, path, how);
  if (opened.get() != -1)
    return opened;
  if (errno == EAGAIN)
    return fail(would_wait);
  if (errno == EINVAL)
    return open_beneath(base, path, flags);
  return fail(translated(errno));
}

result<descriptor> open_cached(int base, const std::string& path, int flags) {
  auto how = how_to_open(flags, RESOLVE_CACHED);
  auto opened = call_openat2(base, path, how);
  if (opened.get() != -1)
    return opened;
  if (errno == EAGAIN)
    return fail(would_wait);
  if (errno != EINVAL && errno != ENOSYS && errno != EPERM)
    return fail(errno);
  descriptor plain{
    uninterrupted([&] { return ::openat(base, path.c_str(), flags); })};
  if (plain.get() == -1)
    return fail(errno);
  return plain;
}

result<name_beneath> name_beneath::find(int base, const std::string& path) {
  if (auto defect = defect_of(path); defect != 0)
    return fail(defect);
  if (path.front() == '/')
    return fail(EACCES);
  auto slash = path.rfind('/', path.find_last_not_of('/'));
  if (slash == std::string::npos)
    return name_beneath{base, descriptor{-1}, path.c_str()};
  auto parent
    = open_beneath(base, path.substr(0, slash + 1), O_PATH | O_DIRECTORY);
  if (!parent)
    return fail(parent.error());
  return name_beneath{base, std::move(*parent), path.c_str() + slash + 1};
}

} // namespace spindle::fs::posix
