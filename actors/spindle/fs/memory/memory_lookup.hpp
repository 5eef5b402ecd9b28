// From paths to nodes of memory_vfs: path_resolution(7).
#pragma once

#include <string>
#include <string_view>

#include "spindle/fs/memory/memory_node.hpp"
#include "spindle/fs/vfs.hpp"

namespace spindle::fs::memory {

/// Bytes of the longest path, and of the longest name in it.
inline constexpr size_t max_path = 4095;
inline constexpr size_t max_name = 255;

/// Where a path ends: in this directory, at this name.
struct spot {
  node_ptr directory;
  /// Empty for the root itself; may also be "." or "..".
  std::string name;
  /// Whether the path ends with a slash.
  bool slash = false;

  /// Returns whether something could be made, removed or renamed here.
  bool is_name() const noexcept {
    return !name.empty() && name != "." && name != "..";
  }
};

/// Resolves one path. Symbolic links count against a limit (ELOOP), so each
/// path takes a lookup of its own.
class lookup {
public:
  explicit lookup(node_ptr root) : root_(std::move(root)) {}

  /// Resolves all of the path but its last component.
  result<spot> find_place(node_ptr base, std::string_view path);

  /// Resolves the link at `where` like `find_place` does.
  result<spot> follow_link(const spot& where, const node& link);

  /// Resolves the path.
  /// @param follow whether a symbolic link at its end stands for its target.
  result<node_ptr> find(node_ptr base, std::string_view path, bool follow);

  /// Returns what is at `where`, itself a link if it is one, or ENOENT.
  result<node_ptr> find_child(const spot& where) const;

private:
  result<node_ptr> resolve(const spot& where, bool follow);

  node_ptr root_;
  int links_ = 0;
};

} // namespace spindle::fs::memory
