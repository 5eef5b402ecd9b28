// Helpers for tests of configurations.
#pragma once

#include "spindle/config/keys.hpp"
#include "spindle/config/load.hpp"

#include "catch.hpp"

#include <string>
#include <string_view>

namespace kit {

/// Loads a text that must have no mistakes.
inline spindle::config::configuration good(std::string_view text) {
  auto res = spindle::config::parse(text, "x.toml");
  if (!res)
    FAIL(to_string(res.error()));
  return *std::move(res);
}

/// Returns all mistakes of a text, one per line.
inline std::string bad(std::string_view text) {
  auto res = spindle::config::parse(text, "x.toml");
  return res ? "" : to_string(res.error());
}

/// Returns whether all settings that a file can set are equal.
inline bool same(const spindle::settings& x, const spindle::settings& y) {
  bool res = true;
  spindle::config::for_each_key(
    spindle::config::queue_keys,
    [&](const auto& key) { res = res && x.*key.member == y.*key.member; });
  return res;
}

} // namespace kit
