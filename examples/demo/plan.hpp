// What the demo does to its copy of a tree, and what must come of it.
#pragma once

#include "original.hpp"

#include <string>
#include <vector>

namespace demo {

/// What becomes of something in the copy.
enum class fate {
  stays,
  renamed,
  moved,
  deleted,
};

/// Something in the copy. Paths begin at the directory that the demo works in.
struct step {
  fate what{};
  std::string from{};
  /// Empty if it is deleted.
  std::string to{};
};

/// Where an entry of the original must be in the end.
struct expectation {
  const entry* source = nullptr;
  /// Empty if it must be gone.
  std::string path{};
};

/// All changes, and what they lead to.
struct plan {
  /// Whole directories.
  std::vector<step> directories{};
  /// Files in the directories that stay.
  std::vector<step> files{};
  std::vector<expectation> result{};
  /// Where things that could not be copied would be: no promise is made.
  std::vector<std::string> undecided{};
};

/// Names of the directories that the copy, and what is moved out of it, are in.
inline const std::string copy_root = "copy";
inline const std::string moved_root = "moved";

/// Decides what becomes of each part and file, always the same for a tree.
plan make_plan(const original& tree);

} // namespace demo
