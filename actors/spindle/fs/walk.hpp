// A walk through a directory tree that can be interrupted after any entry.
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

/// The position of a walk. It is plain data without open descriptors, so a walk
/// may be interrupted for any time.
class walk_place {
public:
  /// Makes the position behind the entry at `after`, which need not exist, or
  /// the start if the path is empty.
  explicit walk_place(std::string after) : after_(std::move(after)) {}

  /// Returns the memory of the position, in bytes.
  size_t memory() const;

private:
  friend class walker;

  /// The part of the path `after` for the levels that are not open yet.
  std::string after_;
  /// The component of `after` for the innermost level, until it is passed.
  std::string sought_;
  /// Names of the directories from below the top down.
  std::vector<std::string> names_;
  /// The remaining entries of the top and of each directory.
  std::vector<sorted_entries> levels_;
  bool has_begun_ = false;
  /// Memory of the entries of all levels, in bytes.
  size_t entry_bytes_ = 0;
};

/// Continues a walk step by step until a page is full.
class walker {
public:
  /// @param top the directory where the walk began, newly opened.
  /// @param limit maximum number of entries of the page.
  walker(vfs& disk, directory_ptr top, const directory_walk& op, size_t limit,
         walk_place from, progress_sink progress = {});

  /// Handles one entry, or opens or closes one directory.
  /// @returns whether there is more to do; errno(3) if the top cannot be read.
  result<bool> step();

  /// Returns the page, and the position behind its last entry.
  std::pair<walk_page, walk_place> take() &&;

private:
  /// Lists an entry, and descends if it is a directory.
  void handle(const directory_entry& entry);

  /// Adds an entry to the page if it matches; returns false if the page is
  /// full.
  bool list(const directory_entry& entry);

  void enter(const std::string& name);

  /// Begins to read the directory that was just entered.
  result<void> open_level();

  /// Begins to read more of a directory whose entries are no longer in memory.
  void continue_level();

  /// Reads some entries of the innermost level.
  /// @returns errno(3) if the top cannot be read.
  result<void> read_on();

  /// Leaves the innermost level, which cannot be read.
  /// @returns errno(3) if it is the top.
  result<void> give_up_level(int sys_errno);

  /// Frees the entries of outer levels if all levels need too much memory.
  void make_room();

  void close_level();

  /// Removes the innermost level.
  void drop_level();

  /// Removes the next component of `after_`, and returns it.
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
  /// The directory that the innermost level is being read from; else null.
  directory* reading_ = nullptr;
  /// Owns that directory if it was opened again for reading.
  directory_ptr reopened_;
};

} // namespace spindle::fs
