// Removes trees: each directory after its entries.
#include "spindle/fs/descent.hpp"
#include "spindle/fs/freed_space.hpp"
#include "spindle/fs/path.hpp"
#include "spindle/fs/same_file.hpp"
#include "spindle/fs/tree.hpp"

#include <cerrno>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace spindle::fs {

namespace {

/// A directory whose entries are being removed.
struct removed_level {
  std::vector<directory_entry> pending;
  /// Number of entries that failed before this directory was opened.
  uint64_t failed_before;
};

class tree_remover {
public:
  /// @param place where the top is; nothing if it may be moved meanwhile.
  tree_remover(vfs& disk, directory_ptr top, std::optional<entry_name> place,
               ownership whose, progress_sink progress, slices rests)
      : disk_(disk),
        where_(disk, std::move(top)),
        place_(place),
        whose_(whose),
        progress_(progress),
        rests_(rests),
        rested_(rests.count()) {}

  task<tree_report> run() {
    if (auto opened = open_level(); !opened) {
      report_.add(".", opened.error());
      co_return std::move(report_);
    }
    for (;;) {
      if (auto rested = co_await rests_.rest(); !rested) {
        report_.stopped = rested.error();
        co_return std::move(report_);
      }
      if (auto there = find_again(); !there) {
        report_.add(".", there.error());
        co_return std::move(report_);
      }
      auto& here = levels_.back();
      if (!here.pending.empty()) {
        auto entry = std::move(here.pending.back());
        here.pending.pop_back();
        remove(entry);
        if (held_)
          co_await until_free(std::move(held_), rests_);
      } else if (levels_.size() > 1) {
        close_level();
      } else {
        co_return std::move(report_);
      }
    }
  }

private:
  result<void> open_level() {
    auto here = where_.current();
    if (!here)
      return fail(here.error());
    if (whose_ == ownership::own)
      // An error shows when the entries are removed.
      static_cast<void>((*here)->set_permissions(0700));
    auto entries = read_entries(**here);
    if (!entries)
      return fail(entries.error());
    levels_.push_back({std::move(*entries), report_.failed});
    return {};
  }

  /// Must be called after each rest, because others could move directories
  /// meanwhile: what is no longer in the tree must not be removed.
  /// @returns ENOENT if the top is no longer at its place.
  result<void> find_again() {
    if (std::exchange(rested_, rests_.count()) == rests_.count())
      return {};
    if (place_) {
      auto top = where_.top().stat();
      if (!top)
        return fail(top.error());
      auto now = disk_.stat(place_->base, place_->name, false);
      if (!now || !is_same(*now, *top))
        return fail(now ? ENOENT : now.error());
    }
    where_.reopen();
    leave_what_is_gone();
    return {};
  }

  /// Returns to the nearest directory that is still in the tree. Whatever has
  /// the name of the one below it now is one more entry to remove. What was in
  /// that one does not matter any more, nor what failed there.
  void leave_what_is_gone() {
    std::optional<std::string> gone;
    for (;;) {
      auto here = where_.current();
      if (here || (here.error() != ENOENT && here.error() != ENOTDIR))
        break;
      gone = where_.name();
      report_.forget_after(levels_.back().failed_before);
      levels_.pop_back();
      where_.leave();
    }
    if (gone)
      levels_.back().pending.push_back({.name = std::move(*gone)});
  }

  /// Removes the current directory unless an entry of it failed.
  void close_level() {
    auto is_empty = levels_.back().failed_before == report_.failed;
    auto name = where_.name();
    levels_.pop_back();
    where_.leave();
    if (is_empty)
      record(name, remove_directory(name));
  }

  void remove(const directory_entry& entry) {
    progress_.at([&] { return joined(where_.path(), entry.name); });
    if (entry.type == file_type::directory)
      descend(entry.name);
    else if (auto res = remove_file(entry.name, entry.type);
             !res && res.error() == EISDIR)
      descend(entry.name);
    else
      record(entry.name, res);
  }

  void descend(const std::string& name) {
    auto entered = where_.enter(name, [this] { return open_level(); });
    if (entered)
      return;
    if (entered.error() == ENOTDIR)
      // The directory was replaced by something else in the meantime.
      record(name, remove_file(name));
    else if (entered.error() == EACCES && remove_directory(name))
      // A directory without read permission may be empty.
      record(name, {});
    else
      record(name, entered);
  }

  result<void> remove_file(const std::string& name,
                           file_type type = file_type::unknown) {
    auto here = where_.current();
    if (!here)
      return fail(here.error());
    if (type != file_type::file && type != file_type::unknown)
      return disk_.remove_file(**here, name);
    auto removed = disk_.remove_and_hold(**here, name);
    if (!removed)
      return fail(removed.error());
    held_ = std::move(*removed);
    return {};
  }

  result<void> remove_directory(const std::string& name) {
    auto here = where_.current();
    if (!here)
      return fail(here.error());
    return disk_.remove_directory(**here, name);
  }

  void record(const std::string& name, const result<void>& res) {
    // If the entry is gone, somebody else has removed it.
    if (res || res.error() == ENOENT) {
      ++report_.done;
      progress_.add_entry();
      return;
    }
    report_.add(joined(where_.path(), name), res.error());
  }

  vfs& disk_;
  descent where_;
  std::optional<entry_name> place_;
  ownership whose_;
  progress_sink progress_;
  slices rests_;
  /// Number of rests after which the tree was found again.
  uint64_t rested_;
  std::vector<removed_level> levels_;
  /// The file that was removed last if it was large, else null.
  held_ptr held_;
  tree_report report_;
};

} // namespace

task<tree_report> clear_tree(vfs& disk, directory_ptr top, ownership whose,
                             progress_sink progress, slices rests) {
  tree_remover remover{disk,  std::move(top), std::nullopt,
                       whose, progress,       rests};
  co_return co_await remover.run();
}

task<tree_report> remove_tree(vfs& disk, const directory& base,
                              std::string name, ownership whose,
                              progress_sink progress, slices rests) {
  auto top = disk.open_directory(base, name, false);
  if (!top) {
    tree_report res;
    if (top.error() == EACCES && disk.remove_directory(base, name)) {
      ++res.done;
      progress.add_entry();
    } else {
      res.add(".", top.error());
    }
    co_return res;
  }
  entry_name place{base, name};
  tree_remover remover{disk, std::move(*top), place, whose, progress, rests};
  auto res = co_await remover.run();
  if (!res.is_complete())
    co_return res;
  if (auto removed = disk.remove_directory(base, name); !removed) {
    res.add(".", removed.error());
    co_return res;
  }
  ++res.done;
  progress.add_entry();
  co_return res;
}

} // namespace spindle::fs
