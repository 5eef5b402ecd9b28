// Copies and removes directories with all their entries.
#pragma once

#include "spindle/fs/copy.hpp"
#include "spindle/fs/failures.hpp"
#include "spindle/fs/slice.hpp"
#include "spindle/fs/task.hpp"
#include "spindle/fs/vfs.hpp"
#include "spindle/ops/operations.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace spindle::fs {

/// The result of a recursive operation.
struct tree_report {
  /// Entries handled.
  uint64_t done = 0;
  /// Entries not handled.
  uint64_t failed = 0;
  /// Unfinished copies that could not be removed.
  uint64_t leftovers = 0;
  /// The first hundred entries that failed.
  std::vector<entry_failure> entries;
  /// The first ten kinds of properties that copies could not keep.
  std::vector<std::string> lost{};
  /// ECANCELED if the operation was stopped early, else 0.
  int stopped = 0;

  /// Returns whether all entries were handled.
  bool is_complete() const {
    return failed == 0 && stopped == 0;
  }

  /// Adds a failed entry; `path` is relative to the top.
  void add(std::string path, int sys_errno);

  /// Forgets all failed entries but the first `count`.
  void forget_after(uint64_t count);

  /// Adds a property that a copy could not keep.
  void add_lost(const std::string& what);

  /// Returns the result of an operation on `path`: `partial_failure` if an
  /// entry failed; the error of the top if that failed before anything was
  /// done.
  /// @param verb past participle of what was done, for instance "copied".
  attempt<void> outcome(const std::string& path, const std::string& verb) const;
};

/// Copies the entries of `from` into the empty directory `to`, and then the
/// permissions and times of the top itself. Continues after failures, and does
/// not descend into `to` if that is inside `from`. While a directory is filled,
/// only its owner has permissions.
task<tree_report> copy_tree(vfs& disk, directory_ptr from, directory_ptr to,
                            const copy_options& how);

/// Who made the tree that is to be removed.
enum class ownership {
  /// Somebody else: permissions that forbid the removal are respected.
  foreign,
  /// This process, as an unfinished copy: directories are made writable to be
  /// removed.
  own,
};

/// Removes as many entries of `top` as possible. An entry that is already gone
/// counts as removed.
/// @param progress counts the removed entries.
task<tree_report> clear_tree(vfs& disk, directory_ptr top,
                             ownership whose = ownership::foreign,
                             progress_sink progress = {}, slices rests = {});

/// Removes the directory `name` and as many of its entries as possible. A
/// failure to remove the directory itself is reported as ".".
task<tree_report> remove_tree(vfs& disk, const directory& base,
                              std::string name,
                              ownership whose = ownership::foreign,
                              progress_sink progress = {}, slices rests = {});

/// Returns whether `path`, which need not exist, is inside the directory `top`.
/// Directories above `path` that this process may not access count as outside.
result<bool> is_inside(vfs& disk, const std::string& path,
                       const file_info& top);

/// Returns whether the directory at `path`, after following symbolic links, is
/// `top` or inside `top`.
result<bool> is_or_is_inside(vfs& disk, const std::string& path,
                             const file_info& top);

} // namespace spindle::fs
