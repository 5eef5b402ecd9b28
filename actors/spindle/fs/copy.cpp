#include "spindle/fs/copy.hpp"

#include "spindle/fs/transfer.hpp"

#include <algorithm>
#include <cerrno>
#include <utility>

namespace spindle::fs {

namespace {

/// The file systems cannot share blocks or copy by themselves.
bool is_no_way(int sys_errno) {
  return sys_errno == EXDEV || sys_errno == EINVAL || sys_errno == ENOSYS
      || sys_errno == EOPNOTSUPP || sys_errno == ENOTTY;
}

/// Copies within the system, as far as that goes.
/// @returns the number of bytes.
copied<uint64_t> copy_inside(file& from, file& to, uint64_t size) {
  uint64_t done = 0;
  while (done < size) {
    auto most = std::min<uint64_t>(size - done, uint64_t{1} << 30);
    auto n = to.copy_from(from, done, done, most);
    if (!n && !is_no_way(n.error()))
      return at_target(n.error());
    // Some files, as those of procfs, say that they end where they do not.
    if (!n || *n == 0)
      break;
    done += *n;
  }
  return done;
}

/// Copies through this process, from `offset` to the end.
copied<void> copy_blocks(file& from, file& to, uint64_t offset) {
  auto block = scratch_block();
  for (;;) {
    auto n = from.read_at(offset, block);
    if (!n)
      return at_source(n.error());
    if (*n == 0)
      return {};
    // Files do not make anybody wait.
    auto put = write_all(to, block.first(*n), offset, steady_time::max());
    if (put.sys_errno != 0)
      return at_target(put.sys_errno);
    offset += *n;
  }
}

copied<void> copy_content(file& from, file& to, uint64_t size) {
  auto cloned = to.clone_from(from);
  if (cloned)
    return {};
  if (!is_no_way(cloned.error()))
    return at_target(cloned.error());
  auto done = copy_inside(from, to, size);
  if (!done)
    return tl::unexpected{done.error()};
  // A file that grew meanwhile is copied to its new end.
  return copy_blocks(from, to, *done);
}

/// Permissions come after the content, since they may forbid to write it, and
/// times come last.
copied<void> complete(file& to, const file_info& info,
                      std::optional<sync_mode> sync) {
  if (auto set = to.set_permissions(info.permissions & 01777); !set)
    return at_target(set.error());
  if (auto set = to.set_times({info.accessed, info.modified}); !set)
    return at_target(set.error());
  if (sync)
    if (auto synced = to.sync(*sync); !synced)
      return at_target(synced.error());
  if (auto closed = to.close(); !closed)
    return at_target(closed.error());
  return {};
}

/// Removes what was made, if it failed.
copied<void> settled(vfs& disk, entry_name made, copied<void> res) {
  if (!res && !disk.remove_file(made.base, made.name))
    res.error().leftover = true;
  return res;
}

copied<void> copy_file(vfs& disk, entry_name from, entry_name to,
                       std::optional<sync_mode> sync) {
  auto source = disk.open(from.base, from.name, {.follow = false});
  if (!source)
    return at_source(source.error());
  auto info = (*source)->stat();
  if (!info)
    return at_source(info.error());
  if (info->type != file_type::file)
    return at_source(EOPNOTSUPP);
  auto target = disk.open(to.base, to.name,
                          {.read = false,
                           .write = true,
                           .create = true,
                           .exclusive = true,
                           .permissions = 0600});
  if (!target)
    return at_target(target.error());
  auto res = copy_content(**source, **target, info->size);
  if (res)
    res = complete(**target, *info, sync);
  return settled(disk, to, std::move(res));
}

copied<void> copy_link(vfs& disk, entry_name from, entry_name to) {
  auto info = disk.stat(from.base, from.name, false);
  if (!info)
    return at_source(info.error());
  auto text = disk.read_link(from.base, from.name);
  if (!text)
    return at_source(text.error());
  if (auto made = disk.make_link(*text, to.base, to.name); !made)
    return at_target(made.error());
  auto times = file_times{info->accessed, info->modified};
  if (auto set = disk.set_times(to.base, to.name, times, false); !set)
    return settled(disk, to, at_target(set.error()));
  return {};
}

} // namespace

copied<void> copy_entry(vfs& disk, entry_name from, file_type type,
                        entry_name to, std::optional<sync_mode> sync) {
  switch (type) {
    case file_type::file:
      return copy_file(disk, from, to, sync);
    case file_type::symlink:
      return copy_link(disk, from, to);
    default:
      return at_source(EOPNOTSUPP);
  }
}

} // namespace spindle::fs
