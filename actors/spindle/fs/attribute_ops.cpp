// Operations on metadata: times, permissions, symbolic links, disk space.
#include "spindle/fs/freed_space.hpp"
#include "spindle/fs/names.hpp"
#include "spindle/fs/perform.hpp"
#include "spindle/fs/replace.hpp"
#include "spindle/fs/same_file.hpp"
#include "spindle/fs/temporary.hpp"

#include <cerrno>
#include <utility>

namespace spindle::fs {

// -- syncing ------------------------------------------------------------------

namespace {

/// A file or a directory that can be synced.
struct syncable {
  directory_ptr as_directory;
  file_ptr as_file;

  /// Adds its sync to `last`; failures name `path`.
  void sync(final_syncs& last, sync_mode mode, const std::string& path) {
    auto why = failed(0, path).value();
    if (as_directory)
      last.add(std::move(as_directory), std::move(why));
    else
      last.add(std::move(as_file), mode, std::move(why));
  }
};

/// ELOOP for a symbolic link that is not followed, since a link cannot be
/// synced.
result<syncable> open_syncable(vfs& disk, const std::string& path,
                               bool follow) {
  auto& start = disk.start();
  auto opened = disk.open_directory(start, path, follow);
  if (opened)
    return syncable{std::move(*opened), nullptr};
  if (opened.error() != ENOTDIR)
    return fail(opened.error());
  auto file = disk.open(start, path, {.follow = follow});
  if (!file && file.error() == EACCES)
    // A write-only file can be synced, too.
    file = disk.open(start, path,
                     {.read = false, .write = true, .follow = follow});
  if (!file)
    return fail(file.error());
  return syncable{nullptr, std::move(*file)};
}

/// Changes something with `act`, and adds its sync to `last`. Opens it before
/// the change, or after it if that fails, since a change of permissions may
/// forbid the one and allow the other.
template <class Act>
result<void> change(const context& env, const std::string& path, bool follow,
                    durability level, Act act) {
  auto& disk = env.disk;
  auto mode = sync_mode_of(level);
  if (!mode)
    return act();
  auto target = open_syncable(disk, path, follow);
  if (!target && target.error() != EACCES)
    return fail(target.error() == ELOOP && !follow ? EOPNOTSUPP
                                                   : target.error());
  if (auto changed = act(); !changed)
    return changed;
  if (!target)
    target = open_syncable(disk, path, follow);
  if (!target)
    return fail(target.error());
  target->sync(env.last, *mode, path);
  return {};
}

} // namespace

attempt<done> perform(const context& env, const file_sync& op) {
  auto mode = sync_mode_of(op.durability);
  if (!mode)
    return refused(errc::invalid_argument, op.path,
                   "a sync needs a durability other than none");
  auto target = open_syncable(env.disk, op.path, true);
  if (!target)
    return failed(target.error(), op.path);
  target->sync(env.last, *mode, op.path);
  return done{};
}

// -- attributes ---------------------------------------------------------------

attempt<file_info> perform(const context& env, const file_stat& op) {
  auto info = env.disk.stat(env.disk.start(), op.path, op.follow);
  if (!info)
    return failed(info.error(), op.path);
  return std::move(*info);
}

attempt<done> perform(const context& env, const set_permissions& op) {
  auto& disk = env.disk;
  auto changed = change(env, op.path, true, op.durability, [&] {
    return disk.set_permissions(disk.start(), op.path, op.permissions);
  });
  return done_if(changed, op.path);
}

attempt<done> perform(const context& env, const set_times& op) {
  auto& disk = env.disk;
  auto changed = change(env, op.path, op.follow, op.durability, [&] {
    return disk.set_times(disk.start(), op.path, {op.accessed, op.modified},
                          op.follow);
  });
  return done_if(changed, op.path);
}

attempt<space_info> perform(const context& env, const disk_space& op) {
  auto info = env.disk.disk_space(env.disk.start(), op.path);
  if (!info)
    return failed(info.error(), op.path);
  return std::move(*info);
}

// -- symbolic links -----------------------------------------------------------

namespace {

/// A link must not replace its own target, which would be lost.
/// @returns whether replacing it frees the space of a large file.
attempt<bool> check_replaced(vfs& disk, const symlink_create& op) {
  auto there = disk.stat(disk.start(), op.path, false);
  if (!there && there.error() == ENOENT)
    return false;
  if (!there)
    return failed(there.error(), op.path);
  // A directory is never replaced, and a symbolic link may be replaced by an
  // equal one.
  if (there->type == file_type::directory || there->type == file_type::symlink)
    return false;
  auto target = behind_link(op.path, op.target);
  auto same = leads_to(disk, target, *there);
  if (same && *same && there->links > 1)
    // The target is kept if it has another name.
    same = is_same_name(disk, target, op.path);
  if (!same)
    return failed(same.error(), op.path);
  if (*same)
    return refused(errc::invalid_argument, op.path, same_file_text);
  return frees_much(*there);
}

/// Returns the file that was replaced if it was large, else null.
attempt<held_ptr> replace_link(vfs& disk, const symlink_create& op) {
  auto location = locate_file(op.path);
  if (!location)
    return tl::unexpected{std::move(location.error())};
  auto where = open_place(disk, op.path, *location, op);
  if (!where)
    return tl::unexpected{std::move(where.error())};
  auto replaces_much = check_replaced(disk, op);
  if (!replaces_much)
    return tl::unexpected{std::move(replaces_much.error())};
  auto name = temporary_name();
  attempt<void> res;
  if (auto made = disk.make_link(op.target, *where->parent, name); !made)
    res = failed(made.error(), op.path);
  held_ptr replaced;
  if (res && *replaces_much)
    replaced = try_hold(disk, *where->parent, where->name);
  return settle_staged(disk, *where, name, op.path, true, std::move(res))
    .map([&] { return std::move(replaced); });
}

attempt<held_ptr> make_link(vfs& disk, const symlink_create& op) {
  auto made = with_parents(disk, op.path, op, [&] {
    return disk.make_link(op.target, disk.start(), op.path);
  });
  if (!made)
    return failed(made.error(), op.path);
  return nullptr;
}

} // namespace

value_or_task<attempt<done>> perform(const context& env,
                                     const symlink_create& op) {
  auto replaced
    = op.overwrite ? replace_link(env.disk, op) : make_link(env.disk, op);
  if (!replaced)
    return tl::unexpected{std::move(replaced.error())};
  sync_name(env.last, env.disk, op.path, op.durability);
  return when_free(std::move(*replaced), env.rests, done{});
}

attempt<std::string> perform(const context& env, const symlink_read& op) {
  auto text = env.disk.read_link(env.disk.start(), op.path);
  if (text)
    return std::move(*text);
  if (text.error() == EINVAL)
    return failed(EINVAL, op.path, "it is not a symbolic link");
  return failed(text.error(), op.path);
}

} // namespace spindle::fs
