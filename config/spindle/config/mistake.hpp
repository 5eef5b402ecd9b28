// A mistake in a configuration, and its position.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <vector>

namespace spindle::config {

/// A position in a text. Both numbers count from 1; columns count characters.
struct position {
  uint32_t line = 0;
  uint32_t column = 0;

  auto operator<=>(const position&) const = default;
};

/// A mistake in a file.
struct mistake {
  std::string file;
  /// Counted from 1; 0 if the mistake is about the file as a whole.
  uint32_t line = 0;
  /// Counted from 1, in characters; 0 if the mistake is about the file.
  uint32_t column = 0;
  /// What was found and what is allowed, without position and line break.
  std::string message;

  bool operator==(const mistake&) const = default;
};

/// Returns the mistake in the format of compilers: "FILE:LINE:COLUMN: MESSAGE",
/// or "FILE: MESSAGE".
std::string to_string(const mistake& x);

/// The mistakes in a file, ordered by position.
using mistakes = std::vector<mistake>;

/// Returns the mistakes, one on each line; each line ends with a line break.
std::string to_string(const mistakes& xs);

} // namespace spindle::config
