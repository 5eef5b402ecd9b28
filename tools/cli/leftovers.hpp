// Temporary files of killed processes.
#pragma once

#include "spindle/fs/posix/posix_vfs.hpp"

#include <chrono>
#include <set>
#include <string>

namespace spindle::tool {

/// Sweeps local directories before a command works in them: removes temporary
/// files of the same user whose process is dead and that have not changed for a
/// minimum time. Ignores failures.
class leftovers {
public:
  /// The minimum time is one hour, or the duration in the environment variable
  /// SPINDLE_LEFTOVER_AGE, for instance "10min".
  leftovers();

  explicit leftovers(std::chrono::nanoseconds min_age) : min_age_(min_age) {}

  /// Sweeps a directory, without its subdirectories, once per object.
  void sweep(const std::string& directory);

  /// Sweeps a directory and all its subdirectories, if it exists.
  void sweep_tree(const std::string& top);

  /// Sweeps for a command with the target `path`: the target itself if it is a
  /// directory, else its parent.
  void sweep_for(const std::string& path);

private:
  void sweep(const std::string& directory, bool recursive);

  std::chrono::nanoseconds min_age_;
  fs::posix_vfs files_;
  std::set<std::string> swept_;
};

} // namespace spindle::tool
