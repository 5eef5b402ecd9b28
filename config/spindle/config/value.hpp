// A TOML document as a tree in which everything knows its place.
#pragma once

#include "spindle/config/mistake.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace spindle::config {

struct entry;

/// The keys of a table, in the order of their places.
using table = std::vector<entry>;

/// A value of a kind that no setting has.
struct other {
  /// For people, with article: "an array".
  std::string kind;
};

/// What stands right of a key.
using value = std::variant<bool, int64_t, double, std::string, other, table>;

/// A key and what is under it.
struct entry {
  std::string key;
  position key_at;
  value content;
  position content_at;
};

/// Returns a value for people, on one line, cut to a length that can be read:
/// `"10MiB"`, `-1`, `an array`.
std::string shown(const value& x);

/// Returns a key as TOML has it, with quotes if it needs them; cut likewise.
std::string shown_key(const std::string& key);

/// Returns the shortest text that is read back as the same number.
std::string shown_number(double x);

/// Returns whether a key needs no quotes: letters, digits, "-" and "_" only,
/// and at least one.
bool is_bare_key(std::string_view key);

} // namespace spindle::config
