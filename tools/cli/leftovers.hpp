// What programs left behind that were killed.
#pragma once

#include "spindle/fs/posix/posix_vfs.hpp"

#include <chrono>
#include <set>
#include <string>

namespace spindle::tool {

/// Sweeps the directories of this machine in which a command is about to work:
/// removes temporary files of the same user whose process is dead, and to which
/// nothing has happened for a while. Tells nothing; whoever wants to know why
/// something cannot be removed will try to.
class leftovers {
public:
  /// After an hour; the environment variable SPINDLE_LEFTOVER_AGE says
  /// otherwise, for instance "10min".
  leftovers();

  explicit leftovers(std::chrono::nanoseconds min_age) : min_age_(min_age) {}

  /// Sweeps a directory, without those below, if it was not swept already.
  void sweep(const std::string& directory);

  /// Sweeps a directory and all below, if there is one.
  void sweep_tree(const std::string& top);

  /// Sweeps what a command works in whose target is `path`: the directory that
  /// it is, or else the one that has it.
  void sweep_for(const std::string& path);

private:
  void sweep(const std::string& directory, bool recursive);

  std::chrono::nanoseconds min_age_;
  fs::posix_vfs files_;
  std::set<std::string> swept_;
};

} // namespace spindle::tool
