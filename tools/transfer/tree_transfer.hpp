// The transfer of a directory from one disk to another.
#pragma once

#include "cli/disk_access.hpp"
#include "transfer/retry_policy.hpp"

#include <functional>
#include <string>

namespace spindle::tool {

/// Source, target and options of `transfer_tree`.
struct tree_job {
  disk_access& from;
  std::string source;
  disk_access& to;
  /// Made if it does not exist, else merged into.
  std::string target;
  /// Whether existing symbolic links are replaced.
  bool overwrite = true;
  /// Whether new directories get the times and permissions of their sources,
  /// without setuid, setgid and sticky.
  bool preserve = true;
};

/// Functions that `transfer_tree` calls, and its policy for retries.
struct tree_events {
  /// Transfers one file.
  std::function<void(const std::string& source, const std::string& target)>
    on_file;
  /// Called for each entry that could not be transferred.
  std::function<void(const failure&)> on_failure;
  retry_policy& again;
};

/// Transfers all entries of a directory to the same relative paths in the
/// target. Other entries of the target stay. Copies symbolic links as links.
/// Lists the whole source first, since the target may be inside of it.
void transfer_tree(const tree_job& job, const tree_events& events);

/// Returns the path of `name` in a directory of a disk.
std::string path_in(const disk_access& disk, const std::string& directory,
                    const std::string& name);

} // namespace spindle::tool
