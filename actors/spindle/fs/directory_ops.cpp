// Operations on one directory: exists, create, delete, list.
#include "spindle/fs/names.hpp"
#include "spindle/fs/perform.hpp"
#include "spindle/fs/tree.hpp"

#include <algorithm>
#include <cerrno>

namespace spindle::fs {

attempt<bool> perform(const context& env, const directory_exists& op) {
  auto info = env.disk.stat(env.disk.start(), op.path, true);
  if (info)
    return info->type == file_type::directory;
  if (info.error() == ENOENT || info.error() == ENOTDIR)
    return false;
  return failed(info.error(), op.path);
}

namespace {

/// Creates the directory, or accepts an existing one if `exist_ok`.
result<void> make(vfs& disk, const directory_create& op) {
  auto& start = disk.start();
  auto made = with_parents(disk, op.path, op, [&] {
    return disk.make_directory(start, op.path, op.permissions);
  });
  if (made || made.error() != EEXIST || !op.exist_ok)
    return made;
  auto info = disk.stat(start, op.path, true);
  if (!info)
    return fail(info.error());
  if (info->type != file_type::directory)
    return fail(ENOTDIR);
  return {};
}

/// Syncs the directory itself, whose metadata `durability::full` includes.
attempt<void> sync_itself(const context& env, const std::string& path) {
  auto opened = env.disk.open_directory(env.disk.start(), path, true);
  if (!opened)
    return failed(opened.error(), path);
  env.last.add(std::move(*opened), failed(0, path).value());
  return {};
}

} // namespace

attempt<done> perform(const context& env, const directory_create& op) {
  auto& disk = env.disk;
  if (auto made = make(disk, op); !made)
    return failed(made.error(), op.path);
  if (op.durability == durability::full)
    if (auto synced = sync_itself(env, op.path); !synced)
      return done_if(synced);
  // An existing directory may be reached by a symbolic link.
  sync_followed_name(env.last, disk, op.path, op.durability);
  return done{};
}

namespace {

task<attempt<void>> remove(const context& env, const directory_delete& op) {
  auto& disk = env.disk;
  auto& start = disk.start();
  if (op.recursive) {
    // The names "." and ".." cannot be removed, so leave their entries alone.
    if (auto where = locate(op.path); !where)
      co_return tl::unexpected{std::move(where.error())};
    auto report
      = co_await remove_tree(disk, start, without_slash(op.path),
                             ownership::foreign, env.progress, env.rests);
    co_return report.outcome(op.path, "removed");
  }
  if (auto removed = disk.remove_directory(start, op.path); !removed)
    co_return failed(removed.error(), op.path);
  co_return {};
}

} // namespace

task<attempt<done>> perform(const context& env, const directory_delete& op) {
  changed_directories changed;
  if (auto added = changed.add(env.disk, op.path, op); !added)
    co_return done_if(added);
  auto removed = co_await remove(env, op);
  if (removed)
    changed.sync_last(env.last);
  co_return done_if(removed);
}

task<attempt<directory_listing>> perform(const context& env,
                                         const directory_contents& op) {
  auto opened = env.disk.open_directory(env.disk.start(), op.path, true);
  if (!opened)
    co_return failed(opened.error(), op.path);
  directory_listing res;
  for (auto more = true; more;) {
    auto listed = (*opened)->read(res);
    if (!listed)
      co_return failed(listed.error(), op.path);
    if (res.size() > env.bounds.listed_entries)
      co_return refused(errc::too_large, op.path,
                        "there are more than "
                          + std::to_string(env.bounds.listed_entries)
                          + " entries");
    more = *listed;
    if (auto rested = co_await env.rests.rest(); !rested)
      co_return failed(rested.error(), op.path);
  }
  std::sort(res.begin(), res.end(),
            [](auto& x, auto& y) { return x.name < y.name; });
  co_return res;
}

} // namespace spindle::fs
