// The way down into a directory tree, however deep, with few open descriptors.
#pragma once

#include "spindle/fs/vfs.hpp"

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace spindle::fs {

/// The directories from the top of a tree down to where a traversal is. Of
/// them, the top is open and, for each power of two, the last two whose depth
/// is an odd multiple of it: many that are near, a few that are far. That makes
/// 26 in 5,000 levels. Those between are opened again when the traversal comes
/// back to them, from the nearest open one down, name by name, so that each
/// level is opened a few times only. No symbolic link is followed on the way: a
/// traversal never leaves its tree.
class descent {
public:
  /// @param names are those of the directories from the top down to where the
  ///        traversal is; they are opened when they are needed.
  descent(vfs& disk, directory_ptr top, std::vector<std::string> names = {});

  /// Returns the open directory where the traversal is; valid until the next
  /// call of `enter` or `leave`.
  result<directory*> current();

  /// Goes down into a directory. If that fails, nothing changes.
  result<void> enter(const std::string& name);

  /// Goes up again; not from the top.
  void leave();

  /// Returns the number of directories below the top.
  size_t depth() const noexcept {
    return names_.size();
  }

  /// Returns the name of the current directory; not at the top.
  const std::string& name() const {
    return names_.back();
  }

  /// Returns the open directory that all is below.
  const directory& top() const {
    return *open_.front();
  }

  /// Returns the names of the directories below the top, down to where the
  /// traversal is.
  std::vector<std::string> take_names() && {
    return std::move(names_);
  }

  /// Returns the path from the top to the current directory; "." at the top.
  std::string path() const;

private:
  /// Closes what is too far up, now that `depth` is open.
  void limit_open(size_t depth);

  vfs& disk_;
  std::vector<std::string> names_;
  /// One more than names; null where closed.
  std::vector<directory_ptr> open_;
};

/// Opens the directory at `path`, as `descent::path` gives it, name by name, so
/// that it may be of any length and no symbolic link is followed.
result<directory_ptr> open_below(vfs& disk, const directory& top,
                                 const std::string& path);

/// Reads the entries of a directory, all at once.
result<std::vector<directory_entry>> read_entries(directory& from);

} // namespace spindle::fs
