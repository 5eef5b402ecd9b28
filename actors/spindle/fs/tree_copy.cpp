// Copying trees: each directory is made, filled, and completed when its last
// entry is there.
#include "spindle/fs/copy.hpp"
#include "spindle/fs/descent.hpp"
#include "spindle/fs/path.hpp"
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
              std::optional<sync_mode> sync)
      : disk_(disk),
        from_(disk, std::move(from)),
        to_(disk, std::move(to)),
        sync_(sync) {}

  tree_report run() {
    if (auto opened = open_top(); !opened) {
      report_.add(".", opened.error());
      return std::move(report_);
    }
    while (!levels_.empty()) {
      auto& here = levels_.back();
      if (here.pending.empty()) {
        close_level();
        continue;
      }
      auto entry = std::move(here.pending.back());
      here.pending.pop_back();
      if (auto res = copy(entry); !res)
        settle(entry.name, res.error());
    }
    return std::move(report_);
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

  copied<void> copy(const directory_entry& entry) {
    auto from = from_.current();
    if (!from)
      return at_source(from.error());
    auto to = to_.current();
    if (!to)
      return at_target(to.error());
    auto type = entry.type;
    if (type == file_type::unknown) {
      auto info = disk_.stat(**from, entry.name, false);
      if (!info)
        return at_source(info.error());
      type = info->type;
    }
    if (type == file_type::directory)
      return enter(**to, entry.name);
    auto res = copy_entry(disk_, {**from, entry.name}, type, {**to, entry.name},
                          sync_);
    if (res)
      ++report_.done;
    return res;
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

  /// Completes a directory, and goes on with the one above.
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
      settle(name, {.sys_errno = completed.error(), .where = side::target});
    else if (!is_top)
      ++report_.done;
  }

  /// Times and permissions come after the content: the one would be changed by
  /// it, the other may forbid it.
  result<void> complete(const file_info& info) {
    auto here = to_.current();
    if (!here)
      return fail(here.error());
    auto times = file_times{info.accessed, info.modified};
    if (auto set = disk_.set_times(**here, ".", times, true); !set)
      return set;
    auto permissions = info.permissions;
    if (auto set = disk_.set_permissions(**here, ".", permissions); !set)
      return set;
    if (sync_)
      return (*here)->sync();
    return {};
  }

  void settle(const std::string& name, const blame& why) {
    // What is no longer there is not missing in the copy.
    if (why.where == side::source && why.sys_errno == ENOENT)
      return;
    report_.leftovers += why.leftover ? 1 : 0;
    report_.add(joined(from_.path(), name), why.sys_errno);
  }

  vfs& disk_;
  descent from_;
  descent to_;
  std::optional<sync_mode> sync_;
  file_info target_top_;
  std::vector<copied_level> levels_;
  tree_report report_;
};

} // namespace

tree_report copy_tree(vfs& disk, directory_ptr from, directory_ptr to,
                      std::optional<sync_mode> sync) {
  return tree_copier{disk, std::move(from), std::move(to), sync}.run();
}

} // namespace spindle::fs
