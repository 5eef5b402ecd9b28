// Operations that give a directory another name or a double.
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

/// Whether what was at the new name has the old one now.
using swapped = bool;

/// Gives a directory its new name. A directory that is there already is
/// replaced by a rename if it is empty, else by swapping the names.
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
  // Both are seen to exist, so EINVAL means that the file system cannot do it.
  return fail(is_unsupported_rename(exchanged.error()) ? EOPNOTSUPP
                                                       : exchanged.error());
}

/// Adds a clause to what a failure says.
attempt<void> with_detail(attempt<void> res, const std::string& clause) {
  auto& detail = res.error().detail;
  detail += (detail.empty() ? "" : "; ") + clause;
  return res;
}

/// Adds to a failure where the old content of the target is.
attempt<void> with_leftover(attempt<void> res, const std::string& where) {
  return with_detail(std::move(res),
                     "what was replaced is now \"" + where + '"');
}

/// Turns the report of a removal that came last into an outcome: even if
/// nothing could be removed, something else was done before.
attempt<void> outcome_of_removal(const tree_report& report,
                                 const std::string& path) {
  auto res = report.outcome(path, "removed");
  if (!res) {
    res.error().code = errc::partial_failure;
    res.error().entries = report.entries;
  }
  return res;
}

/// Removes the old content of `target`, that was swapped out of its way.
task<attempt<void>> remove_replaced(const context& env, base_and_name old,
                                    std::string old_path,
                                    const std::string& target) {
  // Nothing that was asked for is left to be done, and a part of it would be of
  // no use.
  auto report
    = co_await remove_tree(env.disk, old.base, old.name, ownership::foreign,
                           env.progress, env.rests.to_the_end());
  auto res = outcome_of_removal(report, target);
  if (res)
    co_return res;
  co_return with_leftover(std::move(res), old_path);
}

// -- sources and targets ------------------------------------------------------

/// A slash at the end would let the system follow a symbolic link.
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

/// Neither can a directory be put into itself, nor in the place of one that
/// holds it.
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
  // The source may be a link that leads there.
  return refuse_if(is_or_is_inside(disk, op.path, *target), op.target,
                   "the source is inside of the target");
}

/// A long copy should not find out at its end that its place is taken.
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

/// Makes a directory, only for its owner until it is complete.
result<directory_ptr> make_and_open(vfs& disk, const directory& base,
                                    const std::string& name) {
  if (auto made = disk.make_directory(base, name, 0700); !made)
    return fail(made.error());
  auto opened = disk.open_directory(base, name, false);
  // It is empty, and of no use if it cannot be opened.
  if (!opened)
    if (auto removed = disk.remove_directory(base, name); !removed)
      return fail(removed.error());
  return opened;
}

/// Removes a copy that is not to be; says so if that fails, too.
task<attempt<void>> discard(const context& env, const place& where,
                            std::string name, attempt<void> res) {
  auto report = co_await remove_tree(
    env.disk, *where.parent, name, ownership::own, {}, env.rests.to_the_end());
  if (report.failed > 0)
    co_return with_detail(std::move(res),
                          '"' + name + "\" could not be removed");
  co_return res;
}

/// Copies a directory as a whole or not at all: under a temporary name, which
/// is then changed to that of the target.
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
  // The old content may go only when the new one can no longer be lost.
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
  // Else what was removed might be there again after a crash.
  if (res && how.sync)
    co_return sync_place(where, op.target);
  co_return res;
}

/// Copies what can be copied.
task<attempt<void>> copy_partly(const context& env, const directory_copy& op,
                                directory_ptr from, const place& where,
                                const copy_options& how) {
  auto& disk = env.disk;
  auto to = make_and_open(disk, *where.parent, where.name);
  if (!to)
    co_return failed(to.error(), op.target);
  auto report = co_await copy_tree(disk, std::move(from), std::move(*to), how);
  auto res = report.outcome(op.path, "copied");
  // If the top failed, there is no part that could be of use; nor is there if
  // somebody has stopped it.
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
    co_return finished(checked);
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
  co_return finished(res);
}

// -- renaming and moving ------------------------------------------------------

namespace {

/// Removes what has taken the name of the source. It is hidden first: half of
/// it under the old name could be mistaken for the source.
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

/// Renames on one device. Since the source was seen, failures are blamed on the
/// target.
template <class Op>
task<attempt<void>> rename_with(const context& env, const Op& op,
                                file_info info) {
  auto& disk = env.disk;
  auto& start = disk.start();
  if (auto checked = check_nesting(disk, op, info); !checked)
    co_return checked;
  // The new name comes first: should the second sync fail, there are two names
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
  auto res = changed.sync();
  if (!*renamed)
    co_return res;
  if (!res)
    co_return with_leftover(std::move(res), op.path);
  res = co_await remove_swapped(env, op);
  // Else what was removed might be there again after a crash.
  if (res)
    co_return changed.sync();
  co_return res;
}

/// Moves to another device.
task<attempt<void>> move_across(const context& env, const directory_move& op) {
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
  changed_directories changed;
  if (auto added = changed.add(disk, op.path, op); !added)
    co_return added;
  // The copy is there: half a source is worth less than none.
  auto report = co_await remove_tree(disk, disk.start(), without_slash(op.path),
                                     ownership::foreign, env.progress,
                                     env.rests.to_the_end());
  auto removed = outcome_of_removal(report, op.path);
  if (removed)
    co_return changed.sync();
  co_return with_detail(std::move(removed), "all of it was copied before");
}

} // namespace

task<attempt<done>> perform(const context& env, const directory_rename& op) {
  auto info = stat_directory(env.disk, op.path);
  if (!info)
    co_return tl::unexpected{std::move(info.error())};
  auto renamed = co_await rename_with(env, op, *info);
  co_return finished(renamed);
}

task<attempt<done>> perform(const context& env, const directory_move& op) {
  auto info = stat_directory(env.disk, op.path);
  if (!info)
    co_return tl::unexpected{std::move(info.error())};
  auto renamed = co_await rename_with(env, op, *info);
  if (renamed || renamed.error().sys_errno != EXDEV)
    co_return finished(renamed);
  auto moved = co_await move_across(env, op);
  co_return finished(moved);
}

} // namespace spindle::fs
