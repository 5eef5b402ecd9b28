// Two directories, one of which nobody may leave, and a process that exchanges
// directories and files in it with links to the other, without pause.
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

/// What all content outside says, and what no content inside does.
inline constexpr const char* sentinel = "SENTINEL";

/// The places:
///
///     outside/   what must stay as it is, with the names that are in "d"
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

  /// Makes "d" and "e" as they were in the beginning, whatever became of them;
  /// while nothing is exchanged.
  void restore();

  /// Returns all there is outside, with all that the system knows of it but
  /// what looking at it changes.
  std::string outside() const;

  /// Returns all names and contents of "d" and "e"; while nothing is exchanged.
  std::string inside();

  /// Returns the names in the root, and those beside it.
  std::set<std::string> names() const;

  /// Returns device and inode of all that is outside.
  const std::set<std::pair<uint64_t, uint64_t>>& inodes() const {
    return inodes_;
  }

  /// Exchanges all pairs once.
  /// @returns how many of the pairs were there.
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

/// A process that exchanges for as long as this object lives, but not while it
/// is asked to rest.
class exchanger {
public:
  explicit exchanger(const arena& where);

  exchanger(const exchanger&) = delete;

  exchanger& operator=(const exchanger&) = delete;

  ~exchanger();

  /// Returns how many exchanges there have been.
  uint64_t count() const {
    return shared_->count.load();
  }

  /// Returns when nothing is exchanged any more.
  void rest();

  void go_on() {
    shared_->wanted = true;
  }

private:
  // What both processes see.
  struct state {
    std::atomic<uint64_t> count = 0;
    std::atomic<bool> wanted = true;
    std::atomic<bool> resting = false;
  };

  [[noreturn]] void run(const arena& where);

  state* shared_;
  pid_t process_;
};

} // namespace fault
