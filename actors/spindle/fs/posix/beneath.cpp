#include "spindle/fs/posix/beneath.hpp"

#include <climits>

#include <linux/openat2.h>
#include <sys/syscall.h>

namespace spindle::fs::posix {

namespace {

/// The kernel returns EAGAIN if any rename on the machine happens while it
/// resolves a "..". Another attempt takes a few microseconds and fails only if
/// a rename falls into it again; even processes that rename continuously do not
/// cause so many failures in a row.
constexpr int max_attempts = 1000;

/// Maps the errno of openat2(2) to the one that `open_beneath` documents.
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

} // namespace

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
  open_how how{};
  how.flags = static_cast<unsigned>(flags | O_CLOEXEC);
  // Unlike open(2), openat2(2) refuses a mode without O_CREAT, and unknown mode
  // bits.
  how.mode = (flags & O_CREAT) != 0 ? permissions & 07777 : 0;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
  for (auto attempt = 1;; ++attempt) {
    auto opened = uninterrupted([&] {
      return ::syscall(SYS_openat2, base, path.c_str(), &how, sizeof(how));
    });
    if (opened != -1)
      return descriptor{static_cast<int>(opened)};
    if (errno != EAGAIN || attempt == max_attempts)
      return fail(translated(errno));
  }
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
