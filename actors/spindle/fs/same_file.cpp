#include "spindle/fs/same_file.hpp"

#include "spindle/fs/path.hpp"

#include <cerrno>

namespace spindle::fs {

namespace {

bool is_unresolvable(int sys_errno) {
  return sys_errno == ENOENT || sys_errno == ENOTDIR || sys_errno == ELOOP
      || sys_errno == EACCES || sys_errno == ENAMETOOLONG;
}

/// Returns false if the path does not resolve, else the error.
result<bool> false_if_unresolvable(int sys_errno) {
  if (is_unresolvable(sys_errno))
    return false;
  return fail(sys_errno);
}

std::string name_of(const std::string& path) {
  auto whole = without_slash(path);
  return whole.substr(whole.rfind('/') + 1);
}

} // namespace

result<bool> is_same_name(vfs& disk, const std::string& x,
                          const std::string& y) {
  if (name_of(x) != name_of(y))
    return false;
  auto parent_of_x = disk.stat(disk.start(), parent_of(x), true);
  if (!parent_of_x)
    return fail(parent_of_x.error());
  auto parent_of_y = disk.stat(disk.start(), parent_of(y), true);
  if (!parent_of_y)
    return fail(parent_of_y.error());
  return is_same(*parent_of_x, *parent_of_y);
}

result<bool> leads_to(vfs& disk, const std::string& path,
                      const file_info& what) {
  // Compare the final target, then each link on the way: replacing one of them
  // would make `what` unreachable, too.
  auto end = disk.stat(disk.start(), path, true);
  if (end && is_same(*end, what))
    return true;
  if (!end && !is_unresolvable(end.error()))
    return fail(end.error());
  auto here = path;
  for (int i = 0; i <= max_links; ++i) {
    auto info = disk.stat(disk.start(), here, false);
    if (!info)
      return false_if_unresolvable(info.error());
    if (is_same(*info, what))
      return true;
    if (info->type != file_type::symlink)
      return false;
    auto text = disk.read_link(disk.start(), here);
    if (!text)
      return false_if_unresolvable(text.error());
    here = behind_link(here, *text);
  }
  return false;
}

} // namespace spindle::fs
