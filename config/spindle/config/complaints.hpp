// Collects what is wrong with a file.
#pragma once

#include "spindle/config/mistake.hpp"
#include "spindle/config/value.hpp"

#include <span>
#include <string>

namespace spindle::config {

/// All complaints about one file. A path says in which table a key is, for
/// instance "profiles.7."; it is empty at the top.
class complaints {
public:
  /// @param file what the mistakes call the file.
  explicit complaints(std::string file);

  /// Complains about a place.
  void add(position at, std::string message);

  /// Complains about a value that is not what is allowed.
  void bad_value(const std::string& path, const entry& found,
                 const std::string& allowed);

  /// Complains about a key that is none of those that are allowed, and names
  /// the nearest one that is, or else all.
  void bad_key(const std::string& path, const entry& found,
               std::span<const std::string> allowed);

  /// Returns all mistakes in the order of their places, and forgets them.
  mistakes take();

private:
  std::string file_;
  mistakes found_;
};

} // namespace spindle::config
