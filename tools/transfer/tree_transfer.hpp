// Bringing a directory from one disk to another.
#pragma once

#include "cli/disk_access.hpp"
#include "transfer/retry_policy.hpp"

#include <functional>
#include <string>

namespace spindle::tool {

/// What is brought from where to where.
struct tree_job {
  disk_access& from;
  std::string source;
  disk_access& to;
  /// Made if it is not there, else merged into.
  std::string target;
  /// Whether links that are there are replaced.
  bool overwrite = true;
  /// Whether what is made gets the permissions (but for those to run it as
  /// somebody else) and times of its source.
  bool preserve = true;
};

/// Who helps with it.
struct tree_events {
  /// Brings one file.
  std::function<void(const std::string& source, const std::string& target)>
    on_file;
  /// Gets what could not be brought; all else is.
  std::function<void(const failure&)> on_failure;
  retry_policy& again;
};

/// Brings all that a directory contains to the same place below the target,
/// where other things stay as they are. Symbolic links are brought as links.
/// Finds everything before it makes anything, so that what is made is not found
/// again.
void transfer_tree(const tree_job& job, const tree_events& events);

/// Returns the path of `name` in a directory of a disk.
std::string path_in(const disk_access& disk, const std::string& directory,
                    const std::string& name);

} // namespace spindle::tool
