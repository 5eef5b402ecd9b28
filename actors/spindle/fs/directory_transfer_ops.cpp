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
attempt<void> remove_replaced(const context& env, base_and_name old,
                              const std::string& old_path,
                              const std::string& target) {
  auto report = remove_tree(env.disk, old.base, old.name, ownership::foreign,
                            env.progress);
  auto res = outcome_of_removal(report, target);
  return res ? res : with_leftover(std::move(res), old_path);
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
attempt<void> discard(vfs& disk, const place& where, const std::string& name,
                      attempt<void> res) {
  auto report = remove_tree(disk, *where.parent, name, ownership::own);
  if (report.failed > 0)
    return with_detail(std::move(res), '"' + name + "\" could not be removed");
  return res;
}

/// Copies a directory as a whole or not at all: under a temporary name, which
/// is then changed to that of the target.
template <class Op>
attempt<void> copy_whole(const context& env, const Op& op, directory_ptr from,
                         const place& where, const copy_options& how) {
  auto& disk = env.disk;
  auto name = temporary_name();
  auto to = make_and_open(disk, *where.parent, name);
  if (!to)
    return failed(to.error(), op.target);
  auto report = copy_tree(disk, std::move(from), std::move(*to), how);
  if (report.failed > 0) {
    auto why = report.outcome(op.path, "copied");
    if constexpr (requires { op.lossy; })
      if (!report.lost.empty())
        why = with_detail(std::move(why), lossy_text);
    return discard(disk, where, name, std::move(why));
  }
  auto renamed = rename_directory(disk, {*where.parent, name},
                                  {*where.parent, where.name}, op.overwrite);
  if (!renamed)
    return discard(disk, where, name, failed(renamed.error(), op.target));
  // The old content may go only when the new one can no longer be lost.
  auto old_path = joined(parent_of(op.target), name);
  auto res = how.sync ? sync_place(where, op.target) : attempt<void>{};
  if (!*renamed)
    return res;
  if (!res)
    return with_leftover(std::move(res), old_path);
  res = remove_replaced(env, {*where.parent, name}, old_path, op.target);
  // Else what was removed might be there again after a crash.
  if (res && how.sync)
    return sync_place(where, op.target);
  return res;
}

/// Copies what can be copied.
attempt<void> copy_partly(vfs& disk, const directory_copy& op,
                          directory_ptr from, const place& where,
                          const copy_options& how) {
  auto to = make_and_open(disk, *where.parent, where.name);
  if (!to)
    return failed(to.error(), op.target);
  auto report = copy_tree(disk, std::move(from), std::move(*to), how);
  auto res = report.outcome(op.path, "copied");
  // If the top failed, there is no part that could be of use.
  if (!res && res.error().code != errc::partial_failure)
    return discard(disk, where, where.name, std::move(res));
  if (res && how.sync)
    return sync_place(where, op.target);
  return res;
}

} // namespace

attempt<done> perform(const context& env, const directory_copy& op) {
  auto& disk = env.disk;
  auto from = disk.open_directory(disk.start(), op.path, true);
  if (!from)
    return failed(from.error(), op.path);
  auto info = (*from)->stat();
  if (!info)
    return failed(info.error(), op.path);
  if (auto checked = check_nesting(disk, op, *info); !checked)
    return finished(checked);
  auto where = open_target(disk, op);
  if (!where)
    return tl::unexpected{std::move(where.error())};
  auto how = copy_options{.sync = sync_mode_of(op.durability),
                          .keep = op.preserve ? keep::all : keep::basic,
                          .progress = env.progress};
  return finished(op.overwrite
                    ? copy_whole(env, op, std::move(*from), *where, how)
                    : copy_partly(disk, op, std::move(*from), *where, how));
}

// -- renaming and moving ------------------------------------------------------

namespace {

/// Removes what has taken the name of the source. It is hidden first: half of
/// it under the old name could be mistaken for the source.
template <class Op>
attempt<void> remove_swapped(const context& env, const Op& op) {
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
    return tl::unexpected{std::move(source.error())};
  auto parent = disk.open_directory(disk.start(), source->parent, true);
  if (!parent)
    return kept(parent.error());
  auto hidden = temporary_name();
  if (auto renamed = disk.rename(**parent, source->name, **parent, hidden,
                                 rename_mode::replace);
      !renamed)
    return kept(renamed.error());
  return remove_replaced(env, {**parent, hidden},
                         joined(source->parent, hidden), op.target);
}

/// Renames on one device. Since the source was seen, failures are blamed on the
/// target.
template <class Op>
attempt<void> rename_with(const context& env, const Op& op,
                          const file_info& info) {
  auto& disk = env.disk;
  auto& start = disk.start();
  if (auto checked = check_nesting(disk, op, info); !checked)
    return checked;
  // The new name comes first: should the second sync fail, there are two names
  // rather than none.
  changed_directories changed;
  if (auto added = changed.add(disk, op.target, op); !added)
    return added;
  if (auto added = changed.add(disk, op.path, op); !added)
    return added;
  auto renamed = with_parents(disk, op.target, op, [&] {
    return rename_directory(disk, {start, op.path}, {start, op.target},
                            op.overwrite);
  });
  if (!renamed)
    return failed(renamed.error(), op.target);
  auto res = changed.sync();
  if (!*renamed)
    return res;
  if (!res)
    return with_leftover(std::move(res), op.path);
  res = remove_swapped(env, op);
  // Else what was removed might be there again after a crash.
  return res ? changed.sync() : res;
}

/// Moves to another device.
attempt<void> move_across(const context& env, const directory_move& op) {
  auto& disk = env.disk;
  auto from = disk.open_directory(disk.start(), op.path, false);
  if (!from)
    return failed(from.error(), op.path);
  auto where = open_target(disk, op);
  if (!where)
    return tl::unexpected{std::move(where.error())};
  auto how = copy_options{.sync = sync_mode::full,
                          .keep = op.lossy ? keep::possible : keep::all,
                          .progress = env.progress};
  auto copied = copy_whole(env, op, std::move(*from), *where, how);
  if (!copied)
    return with_detail(std::move(copied), "the source was left as it is");
  changed_directories changed;
  if (auto added = changed.add(disk, op.path, op); !added)
    return added;
  auto removed
    = outcome_of_removal(remove_tree(disk, disk.start(), without_slash(op.path),
                                     ownership::foreign, env.progress),
                         op.path);
  if (removed)
    return changed.sync();
  return with_detail(std::move(removed), "all of it was copied before");
}

} // namespace

attempt<done> perform(const context& env, const directory_rename& op) {
  auto info = stat_directory(env.disk, op.path);
  if (!info)
    return tl::unexpected{std::move(info.error())};
  return finished(rename_with(env, op, *info));
}

attempt<done> perform(const context& env, const directory_move& op) {
  auto info = stat_directory(env.disk, op.path);
  if (!info)
    return tl::unexpected{std::move(info.error())};
  auto renamed = rename_with(env, op, *info);
  if (renamed || renamed.error().sys_errno != EXDEV)
    return finished(renamed);
  return finished(move_across(env, op));
}

} // namespace spindle::fs
