// Keeps hard links when a tree is copied.
#pragma once

#include "spindle/fs/blame.hpp"
#include "spindle/fs/copy.hpp"
#include "spindle/fs/descent.hpp"
#include "spindle/fs/vfs.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <utility>

namespace spindle::fs {

/// Remembers where each file of a tree was copied, so that its further hard
/// links become links to that copy.
class linked_files {
public:
  /// Remembers that `source` was copied to `name` in the current directory of
  /// `to`.
  copied<void> remember(vfs& disk, const file_info& source, descent& to,
                        const std::string& name);

  /// Returns whether a copy of `source` is known.
  bool has(const file_info& source) const;

  /// Links the copy of `source` to `name` in the current directory of `to`.
  copied<void> link(vfs& disk, const file_info& source, descent& to,
                    const std::string& name) const;

private:
  using identity = std::pair<uint64_t, uint64_t>;

  struct first_copy {
    /// Path relative to the top of the tree.
    std::string directory;
    std::string name;
    file_info info;
  };

  static identity identity_of(const file_info& what) {
    return {what.device, what.inode};
  }

  std::map<identity, first_copy> copies_;
};

} // namespace spindle::fs
