// Which files of a tree have several names, and where the first copy of each
// is.
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

/// Lets the copies of a tree be hard links of each other where what was copied
/// was.
class linked_files {
public:
  /// Remembers that the copy of `source` got the name `name` in the directory
  /// where `to` is.
  copied<void> remember(vfs& disk, const file_info& source, descent& to,
                        const std::string& name);

  /// Returns whether `source` was copied already.
  bool has(const file_info& source) const;

  /// Gives the copy of `source` the name `name` in the directory where `to` is.
  copied<void> link(vfs& disk, const file_info& source, descent& to,
                    const std::string& name) const;

private:
  using identity = std::pair<uint64_t, uint64_t>;

  struct first_copy {
    /// Below the top of the tree.
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
