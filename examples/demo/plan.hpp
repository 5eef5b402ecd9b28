// The changes that the demo makes in its copy of a tree, and their result.
#pragma once

#include "original.hpp"

#include <string>
#include <vector>

namespace demo {

/// What happens to an entry of the copy.
enum class fate {
  stays,
  renamed,
  moved,
  deleted,
};

/// One change. Paths are relative to the directory that the demo works in.
struct step {
  fate what{};
  std::string from{};
  /// Empty if the entry is deleted.
  std::string to{};
};

/// Where an entry of the original must be at the end.
struct expectation {
  const entry* source = nullptr;
  /// Empty if the entry must be deleted.
  std::string path{};
};

/// All changes, and their result.
struct plan {
  /// Whole directories.
  std::vector<step> directories{};
  /// Files in the directories that stay.
  std::vector<step> files{};
  std::vector<expectation> result{};
  /// Paths of entries that cannot be copied; not checked.
  std::vector<std::string> undecided{};
};

/// Directories for the copy, and for entries that are moved out of it.
inline const std::string copy_root = "copy";
inline const std::string moved_root = "moved";

/// Plans the changes; always the same for a tree.
plan make_plan(const original& tree);

} // namespace demo
