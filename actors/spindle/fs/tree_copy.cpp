// Copies trees: each directory is created, filled, and completed (times,
// permissions, sync) after its last entry.
#include "spindle/fs/copy.hpp"
#include "spindle/fs/descent.hpp"
#include "spindle/fs/linked_files.hpp"
#include "spindle/fs/path.hpp"
#include "spindle/fs/properties.hpp"
#include "spindle/fs/same_file.hpp"
#include "spindle/fs/tree.hpp"

#include <cerrno>
#include <utility>

namespace spindle::fs {

namespace {

/// A directory whose entries are being copied.
struct copied_level {
  file_info info;
  std::vector<directory_entry> pending;
};

class tree_copier {
public:
  tree_copier(vfs& disk, directory_ptr from, directory_ptr to,
              const copy_options& how)
      : disk_(disk),
        from_(disk, std::move(from)),
        to_(disk, std::move(to)),
        how_(how) {}

  task<tree_report> run() {
    if (auto opened = open_top(); !opened) {
      report_.add(".", opened.error());
      co_return std::move(report_);
    }
    while (!levels_.empty() && report_.stopped == 0) {
      if (auto rested = co_await how_.rests.rest(); !rested) {
        report_.stopped = rested.error();
        break;
      }
      auto& here = levels_.back();
      if (here.pending.empty()) {
        close_level();
        continue;
      }
      auto entry = std::move(here.pending.back());
      here.pending.pop_back();
      auto res = co_await copy(entry);
      if (!res)
        record(entry.name, res.error());
    }
    co_return std::move(report_);
  }

private:
  result<void> open_top() {
    auto target = (*to_.current())->stat();
    if (!target)
      return fail(target.error());
    target_top_ = *target;
    auto opened = open_level();
    if (!opened)
      return fail(opened.error().sys_errno);
    return {};
  }

  /// Reads the source directory that was entered last.
  copied<void> open_level() {
    auto here = from_.current();
    if (!here)
      return at_source(here.error());
    auto info = (*here)->stat();
    if (!info)
      return at_source(info.error());
    if (is_same(*info, target_top_))
      return at_source(EINVAL);
    auto entries = read_entries(**here);
    if (!entries)
      return at_source(entries.error());
    levels_.push_back({*info, std::move(*entries)});
    return {};
  }

  task<copied<void>> copy(const directory_entry& entry) {
    auto from = from_.current();
    if (!from)
      co_return at_source(from.error());
    auto to = to_.current();
    if (!to)
      co_return at_target(to.error());
    how_.progress.at([&] { return joined(from_.path(), entry.name); });
    auto type = entry.type;
    if (type == file_type::unknown) {
      auto info = disk_.stat(**from, entry.name, false);
      if (!info)
        co_return at_source(info.error());
      type = info->type;
    }
    if (type == file_type::directory)
      co_return enter(**to, entry.name);
    copied<void> res;
    if (how_.keep == keep::basic)
      res = co_await copy_file(**from, **to, entry.name, type);
    else
      res = co_await link_or_copy(**from, **to, entry.name, type);
    if (res)
      ++report_.done;
    co_return res;
  }

  task<copied<void>> copy_file(const directory& from, const directory& to,
                               const std::string& name, file_type type) {
    entry_name source{from, name};
    entry_name target{to, name};
    auto res = co_await copy_entry(disk_, source, type, target, how_);
    if (!res)
      co_return tl::unexpected{std::move(res.error())};
    if (how_.keep == keep::basic)
      co_return {};
    co_return linked_.remember(disk_, *res, to_, name);
  }

  /// Links to the existing copy if the source was already copied under another
  /// name, else copies it.
  task<copied<void>> link_or_copy(const directory& from, const directory& to,
                                  const std::string& name, file_type type) {
    auto info = disk_.stat(from, name, false);
    if (!info)
      co_return at_source(info.error());
    if (!linked_.has(*info))
      co_return co_await copy_file(from, to, name, type);
    auto res = linked_.link(disk_, *info, to_, name);
    if (!res && how_.keep == keep::possible && !res.error().lost.empty())
      co_return co_await copy_file(from, to, name, type);
    if (res)
      how_.progress.add_entry();
    co_return res;
  }

  copied<void> enter(const directory& to, const std::string& name) {
    if (auto entered = from_.enter(name); !entered)
      return at_source(entered.error());
    auto res = open_level();
    if (res) {
      res = make_target(to, name);
      if (res)
        return res;
      levels_.pop_back();
    }
    from_.leave();
    return res;
  }

  copied<void> make_target(const directory& to, const std::string& name) {
    if (auto made = disk_.make_directory(to, name, 0700); !made)
      return at_target(made.error());
    auto entered = to_.enter(name);
    if (entered)
      return {};
    auto removed = disk_.remove_directory(to, name);
    return tl::unexpected{blame{.sys_errno = entered.error(),
                                .where = side::target,
                                .leftover = !removed}};
  }

  /// Completes a directory, and returns to its parent.
  void close_level() {
    auto completed = complete(levels_.back().info);
    auto is_top = levels_.size() == 1;
    auto name = is_top ? "." : to_.name();
    levels_.pop_back();
    if (!is_top) {
      from_.leave();
      to_.leave();
    }
    if (!completed)
      record(name, completed.error());
    else if (!is_top)
      count_directory();
  }

  void count_directory() {
    ++report_.done;
    how_.progress.add_entry();
  }

  /// Sets times and permissions after the content, which would change the times
  /// and may need more permissions.
  copied<void> complete(const file_info& info) {
    auto from = from_.current();
    if (!from)
      return at_source(from.error());
    auto to = to_.current();
    if (!to)
      return at_target(to.error());
    auto times = file_times{info.accessed, info.modified};
    if (auto set = disk_.set_times(**to, ".", times, true); !set)
      return at_target(set.error());
    if (auto kept = keep_properties(**from, **to, info, how_.keep); !kept)
      return kept;
    if (how_.sync)
      if (auto synced = (*to)->sync(); !synced)
        return at_target(synced.error());
    return {};
  }

  void record(const std::string& name, const blame& why) {
    if (why.sys_errno == ECANCELED) {
      report_.stopped = ECANCELED;
      report_.leftovers += why.leftover ? 1 : 0;
      return;
    }
    // An entry that vanished from the source is not missing in the copy.
    if (why.where == side::source && why.sys_errno == ENOENT)
      return;
    report_.leftovers += why.leftover ? 1 : 0;
    if (!why.lost.empty())
      report_.add_lost(why.lost);
    report_.add(joined(from_.path(), name), why.sys_errno);
  }

  vfs& disk_;
  descent from_;
  descent to_;
  copy_options how_;
  file_info target_top_;
  std::vector<copied_level> levels_;
  linked_files linked_;
  tree_report report_;
};

} // namespace

task<tree_report> copy_tree(vfs& disk, directory_ptr from, directory_ptr to,
                            const copy_options& how) {
  tree_copier copier{disk, std::move(from), std::move(to), how};
  co_return co_await copier.run();
}

} // namespace spindle::fs
