// Reads a table of TOML into a struct, as its keys say.
#pragma once

#include "spindle/config/complaints.hpp"
#include "spindle/config/configuration.hpp"
#include "spindle/config/keys.hpp"

#include <algorithm>
#include <string>
#include <tuple>
#include <vector>

namespace spindle::config {

/// What reading a file leads to.
struct reading {
  explicit reading(const std::string& name) : file(name), wrong(name) {
    result.file = name;
  }

  std::string file;
  configuration result;
  complaints wrong;
};

/// Reads one value, and notes where it comes from. One that is not allowed is
/// complained about and leaves the member as it is.
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

/// Reads those entries of a table that are among `keys`, and complains about
/// those that are not even among `known`.
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
