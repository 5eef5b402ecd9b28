#include "spindle/fs/copy.hpp"

#include "spindle/fs/content.hpp"
#include "spindle/fs/freed_space.hpp"

#include <cerrno>
#include <utility>

namespace spindle::fs {

namespace {

/// Permissions come after the content, since they may forbid to write it, and
/// times come last.
copied<void> complete(file& from, file& to, const file_info& info,
                      const copy_options& how) {
  if (auto kept = keep_properties(from, to, info, how.keep); !kept)
    return kept;
  if (auto set = to.set_times({info.accessed, info.modified}); !set)
    return at_target(set.error());
  if (how.sync)
    if (auto synced = to.sync(*how.sync); !synced)
      return at_target(synced.error());
  if (auto closed = to.close(); !closed)
    return at_target(closed.error());
  return {};
}

/// Returns what was copied, or removes what was made if it failed.
copied<file_info> settled(vfs& disk, entry_name made, const file_info& info,
                          copied<void> res) {
  if (res)
    return info;
  if (!disk.remove_file(made.base, made.name))
    res.error().leftover = true;
  return tl::unexpected{std::move(res.error())};
}

task<copied<file_info>> copy_file(vfs& disk, entry_name from, entry_name to,
                                  const copy_options& how) {
  auto source = disk.open(from.base, from.name, {.follow = false});
  if (!source)
    co_return at_source(source.error());
  auto info = (*source)->stat();
  if (!info)
    co_return at_source(info.error());
  if (info->type != file_type::file)
    co_return at_source(EOPNOTSUPP);
  auto target = disk.open(to.base, to.name,
                          {.read = false,
                           .write = true,
                           .create = true,
                           .exclusive = true,
                           .permissions = 0600});
  if (!target)
    co_return at_target(target.error());
  auto res = co_await copy_content(**source, **target, info->size, how);
  if (res)
    res = complete(**source, **target, *info, how);
  held_ptr part;
  if (!res)
    part = try_hold(disk, to.base, to.name);
  auto settled_copy = settled(disk, to, *info, std::move(res));
  if (part) {
    target->reset();
    co_await until_free(std::move(part), how.rests);
  }
  co_return settled_copy;
}

/// Gives a new link what its source has beside its text.
copied<void> complete_link(vfs& disk, open_object* from, entry_name to,
                           const file_info& info, keep what) {
  if (from) {
    auto made = disk.open_link(to.base, to.name);
    if (!made)
      return at_target(made.error());
    if (auto kept = keep_properties(*from, **made, info, what); !kept)
      return kept;
  }
  auto times = file_times{info.accessed, info.modified};
  if (auto set = disk.set_times(to.base, to.name, times, false); !set)
    return at_target(set.error());
  return {};
}

copied<file_info> copy_link(vfs& disk, entry_name from, entry_name to,
                            keep what) {
  auto info = disk.stat(from.base, from.name, false);
  if (!info)
    return at_source(info.error());
  auto text = disk.read_link(from.base, from.name);
  if (!text)
    return at_source(text.error());
  link_ptr source;
  if (what != keep::basic) {
    auto opened = disk.open_link(from.base, from.name);
    if (!opened)
      return at_source(opened.error());
    source = std::move(*opened);
  }
  if (auto made = disk.make_link(*text, to.base, to.name); !made)
    return at_target(made.error());
  return settled(disk, to, *info,
                 complete_link(disk, source.get(), to, *info, what));
}

} // namespace

task<copied<file_info>> copy_entry(vfs& disk, entry_name from, file_type type,
                                   entry_name to, const copy_options& how) {
  copied<file_info> res = at_source(EOPNOTSUPP);
  if (type == file_type::file)
    res = co_await copy_file(disk, from, to, how);
  else if (type == file_type::symlink)
    res = copy_link(disk, from, to, how.keep);
  if (res)
    how.progress.add_entry();
  co_return res;
}

} // namespace spindle::fs
