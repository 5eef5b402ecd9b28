// Collects the mistakes of a file.
#pragma once

#include "spindle/config/mistake.hpp"
#include "spindle/config/value.hpp"

#include <span>
#include <string>

namespace spindle::config {

/// The mistakes of one file. A `path` is the prefix of the table that a key is
/// in, for instance "profiles.7."; it is empty at the top level.
class complaints {
public:
  /// @param file name of the file in the mistakes.
  explicit complaints(std::string file);

  /// Adds a mistake.
  void add(position at, std::string message);

  /// Adds a value that is not allowed.
  void bad_value(const std::string& path, const entry& found,
                 const std::string& allowed);

  /// Adds an unknown key. Suggests the most similar allowed key, or lists all
  /// of them.
  void bad_key(const std::string& path, const entry& found,
               std::span<const std::string> allowed);

  /// Removes and returns all mistakes, ordered by position.
  mistakes take();

private:
  std::string file_;
  mistakes found_;
};

} // namespace spindle::config
