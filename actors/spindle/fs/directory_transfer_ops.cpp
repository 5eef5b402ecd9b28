// Operations that rename, move or copy a directory.
#include "spindle/fs/names.hpp"
#include "spindle/fs/perform.hpp"
#include "spindle/fs/same_file.hpp"
#include "spindle/fs/temporary.hpp"
#include "spindle/fs/tree.hpp"

#include <cerrno>
#include <optional>
#include <utility>

namespace spindle::fs {

namespace {

// -- names --------------------------------------------------------------------

/// A name relative to an open directory.
struct base_and_name {
  const directory& base;
  const std::string& name;
};

/// Whether the old content of the target now has the old name.
using swapped = bool;

/// Renames a directory. An existing target is replaced if it is empty, else the
/// names are exchanged.
result<swapped> rename_directory(vfs& disk, base_and_name from,
                                 base_and_name to, bool overwrite) {
  if (!overwrite) {
    auto renamed = rename_new(disk, from.base, from.name, to.base, to.name,
                              file_type::directory);
    return std::move(renamed).map([] { return false; });
  }
  auto renamed
    = disk.rename(from.base, from.name, to.base, to.name, rename_mode::replace);
  if (renamed)
    return false;
  if (renamed.error() != ENOTEMPTY && renamed.error() != EEXIST)
    return fail(renamed.error());
  auto exchanged = disk.rename(from.base, from.name, to.base, to.name,
                               rename_mode::exchange);
  if (exchanged)
    return true;
  // Both names exist, so EINVAL means that the file system cannot exchange.
  return fail(is_unsupported_rename(exchanged.error()) ? EOPNOTSUPP
                                                       : exchanged.error());
}

/// Adds a clause to the detail of a failure.
attempt<void> with_detail(attempt<void> res, const std::string& clause) {
  auto& detail = res.error().detail;
  detail += (detail.empty() ? "" : "; ") + clause;
  return res;
}

/// Adds the place of the old content of the target to a failure.
attempt<void> with_leftover(attempt<void> res, const std::string& where) {
  return with_detail(std::move(res),
                     "the old content of the target is now \"" + where + '"');
}

/// Returns the result of an operation whose last step was a removal. Any
/// failure is a `partial_failure`, since the earlier steps were done.
attempt<void> outcome_of_removal(const tree_report& report,
                                 const std::string& path) {
  auto res = report.outcome(path, "removed");
  if (!res) {
    res.error().code = errc::partial_failure;
    res.error().entries = report.entries;
  }
  return res;
}

/// Removes the old content of `target` after the exchange of names.
task<attempt<void>> remove_replaced(const context& env, base_and_name old,
                                    std::string old_path,
                                    const std::string& target) {
  // The operation itself is done, and half of the old content is of no use, so
  // ignore a stop.
  auto report
    = co_await remove_tree(env.disk, old.base, old.name, ownership::foreign,
                           env.progress, env.rests.ignoring_stop());
  auto res = outcome_of_removal(report, target);
  if (res)
    co_return res;
  co_return with_leftover(std::move(res), old_path);
}

// -- sources and targets ------------------------------------------------------

/// With a trailing slash, the kernel would follow a symbolic link.
attempt<file_info> stat_directory(vfs& disk, const std::string& path) {
  auto info = disk.stat(disk.start(), without_slash(path), false);
  if (!info)
    return failed(info.error(), path);
  if (info->type != file_type::directory)
    return failed(ENOTDIR, path);
  return std::move(*info);
}

attempt<void> refuse_if(const result<bool>& inside, const std::string& path,
                        const char* why) {
  if (!inside)
    return failed(inside.error(), path);
  if (*inside)
    return refused(errc::invalid_argument, path, why);
  return {};
}

/// A directory can neither be put into itself nor replace one that contains it.
template <class Op>
attempt<void> check_nesting(vfs& disk, const Op& op, const file_info& source) {
  auto res = refuse_if(is_inside(disk, op.target, source), op.target,
                       "the target is inside of the source");
  if (!res || !op.overwrite)
    return res;
  auto target = disk.stat(disk.start(), op.target, false);
  if (!target && target.error() == ENOENT)
    return {};
  if (!target)
    return failed(target.error(), op.target);
  if (is_same(source, *target))
    return refused(errc::invalid_argument, op.target,
                   "both paths name the same directory");
  if (target->type != file_type::directory)
    return {};
  // The source may be a symbolic link that leads into the target.
  return refuse_if(is_or_is_inside(disk, op.path, *target), op.target,
                   "the source is inside of the target");
}

/// Fail before a long copy, not after it, if the target exists.
template <class Op>
attempt<void> check_target(vfs& disk, const place& where, const Op& op) {
  auto target = disk.stat(*where.parent, where.name, false);
  if (!target && target.error() == ENOENT)
    return {};
  if (!target)
    return failed(target.error(), op.target);
  if (!op.overwrite)
    return failed(EEXIST, op.target);
  if (target->type != file_type::directory)
    return failed(ENOTDIR, op.target);
  return {};
}

template <class Op>
attempt<place> open_target(vfs& disk, const Op& op) {
  auto target = locate(op.target);
  if (!target)
    return tl::unexpected{std::move(target.error())};
  auto where = open_place(disk, op.target, *target, op);
  if (!where)
    return where;
  if (auto checked = check_target(disk, *where, op); !checked)
    return tl::unexpected{std::move(checked.error())};
  return where;
}

// -- copies -------------------------------------------------------------------

/// Creates a directory with permissions only for its owner until it is
/// complete.
result<directory_ptr> make_and_open(vfs& disk, const directory& base,
                                    const std::string& name) {
  if (auto made = disk.make_directory(base, name, 0700); !made)
    return fail(made.error());
  auto opened = disk.open_directory(base, name, false);
  // An empty directory that cannot be opened is of no use.
  if (!opened)
    if (auto removed = disk.remove_directory(base, name); !removed)
      return fail(removed.error());
  return opened;
}

/// Removes an unfinished copy; adds to the failure if that fails, too.
task<attempt<void>> discard(const context& env, const place& where,
                            std::string name, attempt<void> res) {
  auto report
    = co_await remove_tree(env.disk, *where.parent, name, ownership::own, {},
                           env.rests.ignoring_stop());
  if (report.failed > 0)
    co_return with_detail(std::move(res),
                          '"' + name + "\" could not be removed");
  co_return res;
}

/// Copies a directory as a whole or not at all: to a temporary name, which is
/// then renamed to the target.
template <class Op>
task<attempt<void>> copy_whole(const context& env, const Op& op,
                               directory_ptr from, const place& where,
                               const copy_options& how) {
  auto& disk = env.disk;
  auto name = temporary_name();
  auto to = make_and_open(disk, *where.parent, name);
  if (!to)
    co_return failed(to.error(), op.target);
  auto report = co_await copy_tree(disk, std::move(from), std::move(*to), how);
  if (!report.is_complete()) {
    auto why = report.outcome(op.path, "copied");
    if constexpr (requires { op.lossy; })
      if (!report.lost.empty())
        why = with_detail(std::move(why), lossy_text);
    co_return co_await discard(env, where, name, std::move(why));
  }
  auto renamed = rename_directory(disk, {*where.parent, name},
                                  {*where.parent, where.name}, op.overwrite);
  if (!renamed) {
    attempt<void> why = failed(renamed.error(), op.target);
    co_return co_await discard(env, where, name, std::move(why));
  }
  // Remove the old content only when the new one is durable.
  auto old_path = joined(parent_of(op.target), name);
  attempt<void> res;
  if (how.sync)
    res = sync_place(where, op.target);
  if (!*renamed)
    co_return res;
  if (!res)
    co_return with_leftover(std::move(res), old_path);
  base_and_name old{*where.parent, name};
  res = co_await remove_replaced(env, old, old_path, op.target);
  // Without this sync, a crash may bring the removed name back.
  if (res && how.sync)
    co_return sync_place(where, op.target);
  co_return res;
}

/// Copies as many entries as possible.
task<attempt<void>> copy_partly(const context& env, const directory_copy& op,
                                directory_ptr from, const place& where,
                                const copy_options& how) {
  auto& disk = env.disk;
  auto to = make_and_open(disk, *where.parent, where.name);
  if (!to)
    co_return failed(to.error(), op.target);
  auto report = co_await copy_tree(disk, std::move(from), std::move(*to), how);
  auto res = report.outcome(op.path, "copied");
  // If the top failed or the copy was stopped, the part is of no use.
  if (!res && res.error().code != errc::partial_failure)
    co_return co_await discard(env, where, where.name, std::move(res));
  if (res && how.sync)
    co_return sync_place(where, op.target);
  co_return res;
}

} // namespace

task<attempt<done>> perform(const context& env, const directory_copy& op) {
  auto& disk = env.disk;
  auto from = disk.open_directory(disk.start(), op.path, true);
  if (!from)
    co_return failed(from.error(), op.path);
  auto info = (*from)->stat();
  if (!info)
    co_return failed(info.error(), op.path);
  if (auto checked = check_nesting(disk, op, *info); !checked)
    co_return done_if(checked);
  auto where = open_target(disk, op);
  if (!where)
    co_return tl::unexpected{std::move(where.error())};
  auto how = copy_options{.sync = sync_mode_of(op.durability),
                          .keep = op.preserve ? keep::all : keep::basic,
                          .progress = env.progress,
                          .rests = env.rests};
  attempt<void> res;
  if (op.overwrite)
    res = co_await copy_whole(env, op, std::move(*from), *where, how);
  else
    res = co_await copy_partly(env, op, std::move(*from), *where, how);
  co_return done_if(res);
}

// -- renaming and moving ------------------------------------------------------

namespace {

/// Removes the old content of the target, which has the name of the source now.
/// It gets a temporary name first, so that a part of it cannot be mistaken for
/// the source.
template <class Op>
task<attempt<void>> remove_swapped(const context& env, const Op& op) {
  auto& disk = env.disk;
  auto kept = [&](int sys_errno) {
    auto res
      = failed(sys_errno, op.target,
               "it was replaced, but its old content could not be removed");
    res.value().code = errc::partial_failure;
    return with_leftover(std::move(res), op.path);
  };
  auto source = locate(op.path);
  if (!source)
    co_return tl::unexpected{std::move(source.error())};
  auto parent = disk.open_directory(disk.start(), source->parent, true);
  if (!parent)
    co_return kept(parent.error());
  auto hidden = temporary_name();
  if (auto renamed = disk.rename(**parent, source->name, **parent, hidden,
                                 rename_mode::replace);
      !renamed)
    co_return kept(renamed.error());
  base_and_name old{**parent, hidden};
  co_return co_await remove_replaced(env, old, joined(source->parent, hidden),
                                     op.target);
}

/// Renames on one device. Failures name the target, since the source is known
/// to exist.
template <class Op>
task<attempt<void>> rename_with(const context& env, const Op& op,
                                file_info info) {
  auto& disk = env.disk;
  auto& start = disk.start();
  if (auto checked = check_nesting(disk, op, info); !checked)
    co_return checked;
  // Sync the new name first: if the second sync fails, a crash leaves two names
  // rather than none.
  changed_directories changed;
  if (auto added = changed.add(disk, op.target, op); !added)
    co_return added;
  if (auto added = changed.add(disk, op.path, op); !added)
    co_return added;
  auto renamed = with_parents(disk, op.target, op, [&] {
    return rename_directory(disk, {start, op.path}, {start, op.target},
                            op.overwrite);
  });
  if (!renamed)
    co_return failed(renamed.error(), op.target);
  if (!*renamed) {
    changed.sync_last(env.last);
    co_return {};
  }
  auto res = changed.sync();
  if (!res)
    co_return with_leftover(std::move(res), op.path);
  res = co_await remove_swapped(env, op);
  // Without this sync, a crash may bring the removed name back.
  if (res)
    changed.sync_last(env.last);
  co_return res;
}

/// Removes the source of a move after it was copied.
task<attempt<void>> remove_source(const context& env, const directory_move& op,
                                  file_info copied) {
  auto& disk = env.disk;
  // While the copy rested, others could put another directory there.
  auto now = stat_directory(disk, op.path);
  if (!now)
    co_return tl::unexpected{std::move(now.error())};
  if (!is_same(*now, copied))
    co_return failed(EBUSY, op.path,
                     "another directory is there now, which was left as it is");
  changed_directories changed;
  if (auto added = changed.add(disk, op.path, op); !added)
    co_return added;
  // The copy is complete, and half of the source is of no use, so ignore a
  // stop.
  auto report = co_await remove_tree(disk, disk.start(), without_slash(op.path),
                                     ownership::foreign, env.progress,
                                     env.rests.ignoring_stop());
  auto removed = outcome_of_removal(report, op.path);
  if (removed)
    changed.sync_last(env.last);
  co_return removed;
}

/// Moves to another device.
task<attempt<void>> move_across(const context& env, const directory_move& op,
                                file_info source) {
  auto& disk = env.disk;
  auto from = disk.open_directory(disk.start(), op.path, false);
  if (!from)
    co_return failed(from.error(), op.path);
  auto where = open_target(disk, op);
  if (!where)
    co_return tl::unexpected{std::move(where.error())};
  auto how = copy_options{.sync = sync_mode::full,
                          .keep = op.lossy ? keep::possible : keep::all,
                          .progress = env.progress,
                          .rests = env.rests};
  auto copied = co_await copy_whole(env, op, std::move(*from), *where, how);
  if (!copied)
    co_return with_detail(std::move(copied), "the source was left as it is");
  auto removed = co_await remove_source(env, op, source);
  if (removed)
    co_return removed;
  co_return with_detail(std::move(removed), "the copy is complete");
}

} // namespace

task<attempt<done>> perform(const context& env, const directory_rename& op) {
  auto info = stat_directory(env.disk, op.path);
  if (!info)
    co_return tl::unexpected{std::move(info.error())};
  auto renamed = co_await rename_with(env, op, *info);
  co_return done_if(renamed);
}

task<attempt<done>> perform(const context& env, const directory_move& op) {
  auto info = stat_directory(env.disk, op.path);
  if (!info)
    co_return tl::unexpected{std::move(info.error())};
  auto renamed = co_await rename_with(env, op, *info);
  if (renamed || renamed.error().sys_errno != EXDEV)
    co_return done_if(renamed);
  auto moved = co_await move_across(env, op, *info);
  co_return done_if(moved);
}

} // namespace spindle::fs
