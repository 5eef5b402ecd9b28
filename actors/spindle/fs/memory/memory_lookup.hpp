// Resolves paths to nodes of memory_vfs: path_resolution(7).
#pragma once

#include <string>
#include <string_view>

#include "spindle/fs/memory/memory_node.hpp"
#include "spindle/fs/vfs.hpp"

namespace spindle::fs::memory {

/// Maximum length of a path and of a name, in bytes.
inline constexpr size_t max_path = 4095;
inline constexpr size_t max_name = 255;

/// The parent directory and last component of a path.
struct spot {
  node_ptr directory;
  /// Empty for the root itself; may also be "." or "..".
  std::string name;
  /// Whether the path ends in a slash.
  bool slash = false;

  /// Returns whether this name can be created, removed or renamed.
  bool is_name() const noexcept {
    return !name.empty() && name != "." && name != "..";
  }
};

/// Resolves one path. Counts symbolic links against a limit (ELOOP), so make a
/// new lookup for each path.
class lookup {
public:
  explicit lookup(node_ptr root) : root_(std::move(root)) {}

  /// Resolves the path except for its last component.
  result<spot> find_place(node_ptr base, std::string_view path);

  /// Resolves the link at `where` like `find_place` does.
  result<spot> follow_link(const spot& where, const node& link);

  /// Resolves the path.
  /// @param follow whether a symbolic link at its end is followed.
  result<node_ptr> find(node_ptr base, std::string_view path, bool follow);

  /// Returns the node at `where` without following a link; ENOENT if there is
  /// none.
  result<node_ptr> find_child(const spot& where) const;

private:
  result<node_ptr> resolve(const spot& where, bool follow);

  node_ptr root_;
  int links_ = 0;
};

} // namespace spindle::fs::memory
