// A walk of a tree that can rest after any entry.
#pragma once

#include "spindle/fs/descent.hpp"
#include "spindle/fs/glob.hpp"
#include "spindle/fs/progress_record.hpp"
#include "spindle/fs/sorted_entries.hpp"
#include "spindle/fs/vfs.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace spindle::fs {

/// Where a walk is: plain data, nothing of the disk is open. So a walk may rest
/// for as long as it likes.
class walk_place {
public:
  /// The place behind an entry, or before all if the path is empty. The entry
  /// need not exist.
  explicit walk_place(std::string after) : after_(std::move(after)) {}

  /// Returns how much memory it takes, in bytes.
  size_t memory() const;

private:
  friend class walker;

  /// The components of the path for the levels that are not open yet.
  std::string after_;
  /// The component for the innermost level, until that is passed.
  std::string sought_;
  /// The directories from the top down.
  std::vector<std::string> names_;
  /// What is left of each, and of the top.
  std::vector<sorted_entries> levels_;
  bool has_begun_ = false;
  /// What the entries of all levels take.
  size_t entry_bytes_ = 0;
};

/// Walks on from a place, step by step, until a page is full.
class walker {
public:
  /// @param top is where the walk began, newly opened.
  /// @param limit number of entries of the page.
  walker(vfs& disk, directory_ptr top, const directory_walk& op, size_t limit,
         walk_place from, progress_sink progress = {});

  /// Deals with one entry, or opens or closes one directory.
  /// @returns whether there is more to do; errno(3) if the top cannot be read.
  result<bool> step();

  /// Returns what was found. If it says what is next, the place is behind it.
  std::pair<walk_page, walk_place> take() &&;

private:
  /// Lists an entry, and goes down if it is a directory.
  void handle(const directory_entry& entry);

  /// Puts an entry on the page, if it matches; returns whether there was room.
  bool list(const directory_entry& entry);

  void enter(const std::string& name);

  /// Begins to read the directory that was entered last.
  result<void> open_level();

  /// Begins to read on in a directory of which nothing is in memory.
  void continue_level();

  /// Reads some entries of the innermost level.
  /// @returns errno(3) if the top cannot be read.
  result<void> read_on();

  /// Gives up the innermost level, which cannot be read.
  /// @returns errno(3) if it is the top.
  result<void> give_up_level(int sys_errno);

  /// Lets levels that are farther up forget their entries when there are many.
  void make_room();

  void close_level();

  /// Forgets the innermost level.
  void drop_level();

  /// Takes the next component of the path of the place off.
  std::string take_component();

  void report(std::string path, int sys_errno);

  vfs& disk_;
  progress_sink progress_;
  glob pattern_;
  size_t max_depth_;
  size_t limit_;
  walk_place place_;
  descent where_;
  walk_page page_;
  /// What the innermost level is being read from; null if it is not.
  directory* reading_ = nullptr;
  /// The same if it had to be opened for that.
  directory_ptr reopened_;
};

} // namespace spindle::fs
