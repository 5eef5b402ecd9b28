// Operations that give a file another name or a double.
#include "spindle/fs/copy.hpp"
#include "spindle/fs/freed_space.hpp"
#include "spindle/fs/names.hpp"
#include "spindle/fs/perform.hpp"
#include "spindle/fs/replace.hpp"
#include "spindle/fs/same_file.hpp"
#include "spindle/fs/temporary.hpp"
#include "spindle/fs/writeback.hpp"

#include <cerrno>
#include <utility>

namespace spindle::fs {

namespace {

/// Returns what is at `path`, unless it is a directory.
attempt<file_info> stat_source(vfs& disk, const std::string& path) {
  auto info = disk.stat(disk.start(), path, false);
  if (!info)
    return failed(info.error(), path);
  if (info->type == file_type::directory)
    return failed(EISDIR, path);
  return std::move(*info);
}

/// Returns whether a rename will fail with EXDEV, because the directories of
/// both names are on different devices. A rename may have this error for other
/// reasons, too.
template <class Op>
bool is_across(vfs& disk, const Op& op) {
  auto from = disk.stat(disk.start(), parent_of(op.path), true);
  auto above = parent_of(op.target);
  auto to = disk.stat(disk.start(), above, true);
  while (!to && to.error() == ENOENT && op.parents
         && above != parent_of(above)) {
    above = parent_of(above);
    to = disk.stat(disk.start(), above, true);
  }
  return from && to && from->device != to->device;
}

/// A durable name of content that is not durable would be of no use.
template <class Op>
attempt<void> sync_content(vfs& disk, const Op& op, const file_info& info) {
  auto mode = sync_mode_of(op.durability);
  if (!mode || info.type != file_type::file)
    return {};
  // This would take long, and be in vain.
  if (is_large(info) && is_across(disk, op))
    return failed(EXDEV, op.target);
  auto source = disk.open(disk.start(), op.path, {.follow = false});
  if (!source)
    return failed(source.error(), op.path);
  if (auto synced = (*source)->sync(*mode); !synced)
    return failed(synced.error(), op.path);
  return {};
}

// -- what is replaced ---------------------------------------------------------

/// What a target that is to be replaced has to do with the source.
enum class relation {
  /// There is no target.
  absent,
  unrelated,
  /// Unrelated, and replacing the target frees the space of a large file.
  unrelated_and_large,
  /// The target is another name of the same file.
  other_name,
};

attempt<void> refuse_same(const result<bool>& same, const std::string& blamed,
                          const std::string& target) {
  if (!same)
    return failed(same.error(), blamed);
  if (*same)
    return refused(errc::invalid_argument, target, same_file_text);
  return {};
}

/// Fails if the content that the source stands for would be lost with what is
/// at the target: both are one name, or a link is to replace what it leads to.
/// @param target what is there.
template <class Op>
attempt<relation> compare(vfs& disk, const Op& op, const file_info& source,
                          const file_info& target) {
  if (is_same(source, target)) {
    // A file of one name has been reached by two paths, however they differ.
    auto same = source.links == 1 ? result<bool>{true}
                                  : is_same_name(disk, op.path, op.target);
    if (auto other = refuse_same(same, op.target, op.target); !other)
      return tl::unexpected{std::move(other.error())};
    return relation::other_name;
  }
  if (source.type == file_type::symlink)
    if (auto other
        = refuse_same(leads_to(disk, op.path, target), op.path, op.target);
        !other)
      return tl::unexpected{std::move(other.error())};
  return frees_much(target) ? relation::unrelated_and_large
                            : relation::unrelated;
}

/// Like `compare`, for a target that need not be there.
template <class Op>
attempt<relation> compare_if_there(vfs& disk, const Op& op,
                                   const file_info& source) {
  auto target = disk.stat(disk.start(), op.target, false);
  if (!target && target.error() == ENOENT)
    return relation::absent;
  if (!target)
    return failed(target.error(), op.target);
  return compare(disk, op, source, *target);
}

// -- renaming -----------------------------------------------------------------

/// Takes away one of two names of a file, as mv(1) does; rename(2) would leave
/// both.
template <class Op>
result<void> merge_names(vfs& disk, const Op& op) {
  auto& start = disk.start();
  // If somebody gives the target to another file meanwhile, it gets the name of
  // the source, and goes with it.
  auto swapped
    = disk.rename(start, op.path, start, op.target, rename_mode::exchange);
  if (!swapped && !is_unsupported_rename(swapped.error()))
    return swapped;
  return disk.remove_file(start, op.path);
}

/// Renames on one device. Since the source was seen, failures are blamed on the
/// target.
/// @param replaced is set to the file that was replaced if it was large.
template <class Op>
attempt<void> rename_file(vfs& disk, final_syncs& last, const Op& op,
                          const file_info& info, held_ptr& replaced) {
  auto target = op.overwrite ? compare_if_there(disk, op, info)
                             : attempt<relation>{relation::absent};
  if (!target)
    return tl::unexpected{std::move(target.error())};
  if (auto synced = sync_content(disk, op, info); !synced)
    return synced;
  // The new name comes first: should the second sync fail, there are two names
  // rather than none.
  changed_directories changed;
  if (auto added = changed.add(disk, op.target, op); !added)
    return added;
  if (auto added = changed.add(disk, op.path, op); !added)
    return added;
  auto& start = disk.start();
  held_ptr held;
  if (*target == relation::unrelated_and_large)
    held = try_hold(disk, start, op.target);
  auto renamed = with_parents(disk, op.target, op, [&] {
    if (*target == relation::other_name)
      return merge_names(disk, op);
    if (op.overwrite)
      return disk.rename(start, op.path, start, op.target,
                         rename_mode::replace);
    return rename_new(disk, start, op.path, start, op.target, info.type);
  });
  if (!renamed)
    return failed(renamed.error(), op.target);
  replaced = std::move(held);
  changed.sync_last(last);
  return {};
}

// -- copying ------------------------------------------------------------------

/// Fails if the target may not be replaced, or must not. Another name of the
/// source is no place for a copy of it.
template <class Op>
attempt<relation> check_target(vfs& disk, const place& where, const Op& op,
                               const file_info& source) {
  auto target = disk.stat(*where.parent, where.name, false);
  if (!target && target.error() == ENOENT)
    return relation::absent;
  if (!target)
    return failed(target.error(), op.target);
  if (!op.overwrite)
    return failed(EEXIST, op.target);
  if (target->type == file_type::directory)
    return failed(EISDIR, op.target);
  auto compared = compare(disk, op, source, *target);
  if (!compared)
    return tl::unexpected{std::move(compared.error())};
  return refuse_same(*compared == relation::other_name, op.target, op.target)
    .map([&] { return *compared; });
}

/// Whether an operation removes the source after it was copied.
template <class Op>
constexpr bool is_move = requires(Op op) {
  op.lossy;
};

/// Fails if the source is not what it was when its copy began. While the copy
/// rested, others could replace or change it, and what they wrote would be lost
/// with it.
template <class Op>
attempt<void> check_unchanged(vfs& disk, const Op& op,
                              const file_info& before) {
  auto now = disk.stat(disk.start(), op.path, false);
  if (!now && now.error() == ENOENT)
    return failed(ENOENT, op.path,
                  "it was no longer there after it was copied; nothing was "
                  "moved");
  if (!now)
    return failed(now.error(), op.path,
                  "it could not be examined after it was copied; nothing was "
                  "moved");
  if (is_same(*now, before) && now->modified == before.modified
      && now->size == before.size)
    return {};
  return failed(EBUSY, op.path,
                "it was changed or replaced while it was copied; nothing was "
                "moved");
}

/// Says of a copy what could not be kept, and what to do if it is for a move.
template <class Op>
std::string detail_of(const Op&, const blame& why) {
  if (why.lost.empty())
    return {};
  auto res = lost_text + why.lost;
  if constexpr (is_move<Op>)
    res += std::string{"; "} + lossy_text;
  return res;
}

/// Copies under another name than the target's.
template <class Op>
task<attempt<void>> copy_to(vfs& disk, const Op& op, const file_info& info,
                            entry_name target, const copy_options& how) {
  entry_name source{disk.start(), op.path};
  auto made = co_await copy_entry(disk, source, info.type, target, how);
  if (made)
    co_return {};
  auto& why = made.error();
  const auto& blamed = why.where == side::source ? op.path : op.target;
  co_return failed(why.sys_errno, blamed, detail_of(op, why));
}

/// Makes a complete copy, or none.
/// @param replaced is set to the file that was replaced, or the copy that was
///        removed, if it was large.
template <class Op>
task<attempt<void>> copy_file(vfs& disk, const Op& op, file_info info,
                              copy_options how, held_ptr& replaced) {
  auto target = locate_file(op.target);
  if (!target)
    co_return tl::unexpected{std::move(target.error())};
  auto where = open_place(disk, op.target, *target, op);
  if (!where)
    co_return tl::unexpected{std::move(where.error())};
  auto there = check_target(disk, *where, op, info);
  if (!there)
    co_return tl::unexpected{std::move(there.error())};
  how.replaces = *there != relation::absent;
  // Of a tree, nobody knows how much there will be.
  if (info.type == file_type::file)
    how.progress.expect_bytes(info.size);
  auto name = temporary_name();
  entry_name staged{*where->parent, name};
  auto res = co_await copy_to(disk, op, info, staged, how);
  if constexpr (is_move<Op>)
    if (res)
      res = check_unchanged(disk, op, info);
  if (res && *there == relation::unrelated_and_large)
    replaced = try_hold(disk, *where->parent, where->name);
  else if (!res && frees_much(info))
    // The copy is removed.
    replaced = try_hold(disk, *where->parent, name);
  res = settle_staged(disk, *where, name, op.target, op.overwrite,
                      std::move(res));
  if (res && how.sync)
    res = sync_place(*where, op.target);
  co_return res;
}

} // namespace

// -- operations ---------------------------------------------------------------

namespace {

/// Returns whether renaming a large file flushes it: for its durability, or
/// because many file systems do that when it replaces another. A rename that
/// will fail flushes nothing.
template <class Op>
bool flushes_much(vfs& disk, const Op& op, const file_info& info) {
  if (!is_large(info))
    return false;
  auto flushes = op.durability != durability::none
              || (op.overwrite && disk.stat(disk.start(), op.target, false));
  return flushes && !is_across(disk, op);
}

/// Begins to write a large source to the device before it is renamed, so that
/// the rename does not keep the disk from others.
/// @returns what is at the source then.
template <class Op>
task<attempt<file_info>> write_back_source(const context& env, const Op& op,
                                           file_info info) {
  auto& disk = env.disk;
  auto source = disk.open(disk.start(), op.path, {.follow = false});
  if (!source)
    // Without the permission to read it, the rename takes longer.
    co_return info;
  auto written = co_await write_back(**source, info, env.rests);
  if (!written)
    co_return failed(written.error(), op.path);
  co_return stat_source(disk, op.path);
}

template <class Op>
task<attempt<done>> rename_large(const context& env, const Op& op,
                                 file_info source) {
  auto info = co_await write_back_source(env, op, source);
  if (!info)
    co_return tl::unexpected{std::move(info.error())};
  held_ptr replaced;
  auto renamed = rename_file(env.disk, env.last, op, *info, replaced);
  if (replaced)
    co_await until_free(std::move(replaced), env.rests);
  co_return done_if(renamed);
}

/// Copies the source to another device, and removes it.
task<attempt<done>> move_across(const context& env, const file_move& op,
                                file_info info) {
  auto& disk = env.disk;
  // The source may go only after the copy can no longer be lost.
  auto how = copy_options{.sync = sync_mode::full,
                          .keep = op.lossy ? keep::possible : keep::all,
                          .progress = env.progress,
                          .rests = env.rests};
  held_ptr replaced;
  auto copied = co_await copy_file(disk, op, info, how, replaced);
  if (!copied) {
    if (replaced)
      co_await until_free(std::move(replaced), env.rests);
    co_return done_if(copied);
  }
  held_ptr source;
  if (frees_much(info))
    source = try_hold(disk, disk.start(), op.path);
  if (auto removed = disk.remove_file(disk.start(), op.path); !removed)
    co_return failed(removed.error(), op.path,
                     "it was copied, but could not be removed");
  sync_name(env.last, disk, op.path, op.durability);
  if (replaced)
    co_await until_free(std::move(replaced), env.rests);
  if (source)
    co_await until_free(std::move(source), env.rests);
  co_return done{};
}

} // namespace

value_or_task<attempt<done>> perform(const context& env,
                                     const file_rename& op) {
  auto info = stat_source(env.disk, op.path);
  if (!info)
    return tl::unexpected{std::move(info.error())};
  if (flushes_much(env.disk, op, *info))
    return rename_large(env, op, *info);
  held_ptr replaced;
  auto renamed = rename_file(env.disk, env.last, op, *info, replaced);
  return when_free(std::move(replaced), env.rests, done_if(renamed));
}

task<attempt<done>> perform(const context& env, const file_copy& op) {
  auto info = stat_source(env.disk, op.path);
  if (!info)
    co_return tl::unexpected{std::move(info.error())};
  auto how = copy_options{.sync = sync_mode_of(op.durability),
                          .keep = op.preserve ? keep::all : keep::basic,
                          .progress = env.progress,
                          .rests = env.rests};
  held_ptr replaced;
  auto copied = co_await copy_file(env.disk, op, *info, how, replaced);
  if (replaced)
    co_await until_free(std::move(replaced), env.rests);
  co_return done_if(copied);
}

task<attempt<done>> perform(const context& env, const file_move& op) {
  auto& disk = env.disk;
  auto info = stat_source(disk, op.path);
  if (info && flushes_much(disk, op, *info))
    info = co_await write_back_source(env, op, *info);
  if (!info)
    co_return tl::unexpected{std::move(info.error())};
  held_ptr replaced;
  auto renamed = rename_file(disk, env.last, op, *info, replaced);
  if (replaced)
    co_await until_free(std::move(replaced), env.rests);
  if (renamed || renamed.error().sys_errno != EXDEV)
    co_return done_if(renamed);
  co_return co_await move_across(env, op, *info);
}

} // namespace spindle::fs
