// Reads a TOML table into a struct, as described by its keys.
#pragma once

#include "spindle/config/complaints.hpp"
#include "spindle/config/configuration.hpp"
#include "spindle/config/keys.hpp"

#include <algorithm>
#include <string>
#include <tuple>
#include <vector>

namespace spindle::config {

/// The state and result of reading a file.
struct reading {
  explicit reading(const std::string& name) : file(name), wrong(name) {
    result.file = name;
  }

  std::string file;
  configuration result;
  complaints wrong;
};

/// Reads one value, and stores its origin. A value that is not allowed is added
/// to the mistakes, and the member keeps its value.
template <class Struct, class Key>
void read_value(const entry& from, const std::string& path, const Key& key,
                Struct& to, reading& all) {
  auto value = key.form.read(from.content);
  if (!value) {
    all.wrong.bad_value(path, from, key.form.allowed());
    return;
  }
  to.*key.member = *value;
  all.result.origins.insert_or_assign(path + from.key,
                                      origin{all.file, from.key_at.line});
}

/// Reads the entries of a table that are in `keys`. Entries that are not in
/// `known` are mistakes.
template <class Struct, class... Keys>
void read_keys(const table& from, const std::string& path,
               const std::tuple<Keys...>& keys,
               const std::vector<std::string>& known, Struct& to,
               reading& all) {
  for (const auto& x : from) {
    for_each_key(keys, [&](const auto& key) {
      if (key.name == x.key)
        read_value(x, path, key, to, all);
    });
    if (std::find(known.begin(), known.end(), x.key) == known.end())
      all.wrong.bad_key(path, x, known);
  }
}

} // namespace spindle::config
