// A directory tree for confinement tests, and a process that continuously
// exchanges files and directories below its root with links that lead out.
#pragma once

#include "temp_dir.hpp"

#include "spindle/fs/posix/posix_vfs.hpp"

#include <atomic>
#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <sys/types.h>

namespace fault {

/// Content of all files outside, and of no file inside.
inline constexpr const char* sentinel = "SENTINEL";

/// The tree:
///
///     outside/   must not change; has the same names as "d"
///     root/d     a directory, exchanged with "l", a link to outside
///     root/e     another one, exchanged with "m", an absolute link to outside
///     root/s     another one, exchanged with "t", a link to /proc
///     d/f, d/d   exchanged with "fl", "dl", links to outside, as in "e"
class arena {
public:
  arena();

  const std::string& root() const {
    return root_;
  }

  /// Restores "d" and "e" to their initial state. Call it only while the
  /// exchanger rests.
  void restore();

  /// Returns all files outside as text: content and attributes, except those
  /// that reading them changes.
  std::string outside() const;

  /// Returns all names and contents of "d" and "e". Call it only while the
  /// exchanger rests.
  std::string inside();

  /// Returns the names in the root and in its parent.
  std::set<std::string> names() const;

  /// Returns device and inode of all files outside.
  const std::set<std::pair<uint64_t, uint64_t>>& inodes() const {
    return inodes_;
  }

  /// Exchanges all pairs once.
  /// @returns how many of the pairs existed.
  int exchange() const;

private:
  struct pair {
    int directory;
    const char* name;
    const char* other;
  };

  std::string path_of(const std::string& name) const;

  void make_outside();

  void make_root();

  kit::temp_dir all_;
  std::string root_;
  spindle::fs::posix_vfs files_;
  spindle::fs::directory_ptr inner_;
  spindle::fs::directory_ptr d_;
  spindle::fs::directory_ptr e_;
  std::vector<pair> pairs_;
  std::set<std::pair<uint64_t, uint64_t>> inodes_;
};

/// A child process that exchanges the pairs continuously, except between
/// `pause` and `resume`. Ended by the destructor.
class exchanger {
public:
  explicit exchanger(const arena& where);

  exchanger(const exchanger&) = delete;

  exchanger& operator=(const exchanger&) = delete;

  ~exchanger();

  /// Returns the number of exchanges so far.
  uint64_t count() const {
    return shared_->count.load();
  }

  /// Pauses the process; returns when it has stopped exchanging.
  void pause();

  void resume() {
    shared_->wanted = true;
  }

private:
  // In memory shared by both processes.
  struct state {
    std::atomic<uint64_t> count = 0;
    std::atomic<bool> wanted = true;
    std::atomic<bool> paused = false;
  };

  [[noreturn]] void run(const arena& where);

  state* shared_;
  pid_t process_;
};

} // namespace fault
