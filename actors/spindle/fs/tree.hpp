// Directories with all that they contain: copying and removing them.
#pragma once

#include "spindle/fs/attempt.hpp"
#include "spindle/fs/copy.hpp"
#include "spindle/fs/slice.hpp"
#include "spindle/fs/task.hpp"
#include "spindle/fs/vfs.hpp"
#include "spindle/ops/operations.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace spindle::fs {

/// What became of the entries of a tree.
struct tree_report {
  /// Entries handled.
  uint64_t done = 0;
  /// Entries not handled.
  uint64_t failed = 0;
  /// Unfinished copies that could not be removed.
  uint64_t leftovers = 0;
  /// The first hundred of those that failed.
  std::vector<entry_failure> entries;
  /// What copies could not keep, each once, the first ten of it.
  std::vector<std::string> lost{};
  /// ECANCELED if it was stopped before its end, else 0.
  int stopped = 0;

  /// Returns whether nothing failed and nothing was left out.
  bool is_complete() const {
    return failed == 0 && stopped == 0;
  }

  /// Notes that the entry at `path` (below the top) failed.
  void add(std::string path, int sys_errno);

  /// Notes what a copy could not keep.
  void add_lost(const std::string& what);

  /// Returns what that means for an operation on `path`: a `partial_failure`
  /// if anything failed, or the plain error if the top itself failed before
  /// anything was done.
  /// @param verb what was done, for instance "copied".
  attempt<void> outcome(const std::string& path, const std::string& verb) const;
};

/// Copies the entries of `from` into the empty directory `to`, and then the
/// permissions and times of the top itself. Goes on after failures, and does
/// not descend into `to` should it be inside of `from`. Directories have
/// nobody's permissions but the owner's while they are filled.
task<tree_report> copy_tree(vfs& disk, directory_ptr from, directory_ptr to,
                            const copy_options& how);

/// Whose a tree is that is to be removed.
enum class ownership {
  /// Somebody's: permissions that forbid to remove something are obeyed.
  foreign,
  /// Made by us, and not complete: permissions that it has already are in the
  /// way only.
  own,
};

/// Removes the entries of `top`, as many as possible. What is gone already
/// counts as removed.
/// @param progress is told of entries.
task<tree_report> clear_tree(vfs& disk, directory_ptr top,
                             ownership whose = ownership::foreign,
                             progress_sink progress = {}, slices rests = {});

/// Removes the directory `name` with all that it contains; what cannot be
/// removed is left. A failure to remove the top itself is reported as ".".
task<tree_report> remove_tree(vfs& disk, const directory& base,
                              std::string name,
                              ownership whose = ownership::foreign,
                              progress_sink progress = {}, slices rests = {});

/// Returns whether `path`, which need not exist, is inside of the directory
/// `top`, as far as the directories above `path` may be looked at.
result<bool> is_inside(vfs& disk, const std::string& path,
                       const file_info& top);

/// Returns whether the directory `path`, or the one that it leads to, is the
/// directory `top` or inside of it.
result<bool> is_or_is_inside(vfs& disk, const std::string& path,
                             const file_info& top);

} // namespace spindle::fs
