// A TOML document as a tree of values with their positions.
#pragma once

#include "spindle/config/mistake.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace spindle::config {

struct entry;

/// The entries of a table, ordered by position.
using table = std::vector<entry>;

/// A value of a type that no setting has.
struct other {
  /// Name of the type with article, for instance "an array".
  std::string kind;
};

/// The value of a key.
using value = std::variant<bool, int64_t, double, std::string, other, table>;

/// A key and its value.
struct entry {
  std::string key;
  position key_at;
  value content;
  position content_at;
};

/// Returns a value for error messages, on one line and abridged: `"10MiB"`,
/// `-1`, `an array`.
std::string shown(const value& x);

/// Returns a key in TOML syntax, with quotes if it needs them; also abridged.
std::string shown_key(const std::string& key);

/// Returns the shortest text that reads back as the same number.
std::string shown_number(double x);

/// Returns whether a key needs no quotes: letters, digits, "-" and "_" only,
/// and at least one.
bool is_bare_key(std::string_view key);

} // namespace spindle::config
