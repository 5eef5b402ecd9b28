#include "spindle/fs/linked_files.hpp"

#include "spindle/fs/same_file.hpp"

#include <cerrno>

namespace spindle::fs {

namespace {

/// The file system does not support hard links, or no more of this file.
bool has_no_links(int sys_errno) {
  return sys_errno == EPERM || sys_errno == EOPNOTSUPP || sys_errno == ENOSYS
      || sys_errno == EMLINK;
}

} // namespace

copied<void> linked_files::remember(vfs& disk, const file_info& source,
                                    descent& to, const std::string& name) {
  if (source.links < 2 || has(source))
    return {};
  auto here = to.current();
  if (!here)
    return at_target(here.error());
  auto made = disk.stat(**here, name, false);
  if (!made)
    return at_target(made.error());
  copies_.emplace(identity_of(source), first_copy{to.path(), name, *made});
  return {};
}

bool linked_files::has(const file_info& source) const {
  return copies_.contains(identity_of(source));
}

copied<void> linked_files::link(vfs& disk, const file_info& source, descent& to,
                                const std::string& name) const {
  const auto& first = copies_.at(identity_of(source));
  auto where = open_below(disk, to.top(), first.directory);
  if (!where)
    return at_target(where.error());
  auto here = to.current();
  if (!here)
    return at_target(here.error());
  auto made = disk.make_hard_link(**where, first.name, **here, name);
  if (!made && has_no_links(made.error()))
    return lost(made.error(), "hard links");
  if (!made)
    return at_target(made.error());
  // Other users may have write permission in a completed directory, and could
  // have replaced the copy.
  auto info = disk.stat(**here, name, false);
  if (info && is_same(*info, first.info))
    return {};
  auto removed = disk.remove_file(**here, name);
  return tl::unexpected{blame{.sys_errno = info ? EBUSY : info.error(),
                              .where = side::target,
                              .leftover = !removed}};
}

} // namespace spindle::fs
