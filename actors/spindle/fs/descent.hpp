// The path of a traversal down a directory tree of any depth, with few open
// descriptors.
#pragma once

#include "spindle/fs/vfs.hpp"

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace spindle::fs {

/// The directories from the top of a tree down to the current one. The top
/// stays open, and for each power of two the last two directories whose depth
/// is an odd multiple of it: many near the current directory, few far from it,
/// 26 in 5,000 levels. The others are reopened when the traversal returns to
/// them, name by name from the nearest open directory, so each level is opened
/// only a few times. Symbolic links are never followed, so a traversal does not
/// leave its tree.
class descent {
public:
  /// @param names are those of the directories from the top down to the current
  ///        one, which are opened when needed.
  descent(vfs& disk, directory_ptr top, std::vector<std::string> names = {});

  /// Returns the open current directory; valid until the next call of `enter`
  /// or `leave`.
  result<directory*> current();

  /// Descends into a directory. A failure changes nothing.
  result<void> enter(const std::string& name);

  /// Descends into a directory and calls `open`, which returns a
  /// `result<void>`. A failure of either changes nothing.
  template <class Open>
  result<void> enter(const std::string& name, Open open) {
    auto res = enter(name);
    if (!res)
      return res;
    res = open();
    if (!res)
      leave();
    return res;
  }

  /// Closes all directories below the top. They are reopened by their names
  /// when needed, so those that others have moved out of the tree are found no
  /// more.
  void reopen();

  /// Returns to the parent directory; must not be called at the top.
  void leave();

  /// Returns the number of directories below the top.
  size_t depth() const noexcept {
    return names_.size();
  }

  /// Returns the name of the current directory; must not be called at the top.
  const std::string& name() const {
    return names_.back();
  }

  /// Returns the open top directory.
  directory& top() const {
    return *open_.front();
  }

  /// Returns the names of the directories from below the top down to the
  /// current one.
  std::vector<std::string> take_names() && {
    return std::move(names_);
  }

  /// Returns the path from the top to the current directory; "." at the top.
  std::string path() const;

private:
  /// Closes the directories that need not stay open now that the one at `depth`
  /// is open.
  void limit_open(size_t depth);

  vfs& disk_;
  std::vector<std::string> names_;
  /// One for each name, and the top; null if closed.
  std::vector<directory_ptr> open_;
};

/// Opens the directory at `path`, a result of `descent::path`, name by name. So
/// the path may have any length, and no symbolic link is followed.
result<directory_ptr> open_below(vfs& disk, const directory& top,
                                 const std::string& path);

/// Reads the entries of a directory, all at once.
result<std::vector<directory_entry>> read_entries(directory& from);

} // namespace spindle::fs
