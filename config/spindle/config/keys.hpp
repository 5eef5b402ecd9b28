// Which keys the tables of a configuration have.
//
// One description serves reading, `spindle config dump` and the tests. To add a
// setting, add its key here and its meaning to docs/configuration.md.
#pragma once

#include "spindle/config/form.hpp"

#include "spindle/profile.hpp"
#include "spindle/settings.hpp"

#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace spindle::config {

// -- what a key is ------------------------------------------------------------

/// A key, the member that it sets, and the form of its values.
template <class Struct, class Member, class Form>
struct key {
  std::string_view name;
  Member Struct::*member;
  Form form;
};

template <class Struct, class Member, class Form>
key(const char*, Member Struct::*, Form) -> key<Struct, Member, Form>;

/// The name of a pacing rule; see form.hpp.
struct pacing_form {
  static std::optional<pacing> read(const value& x);
  static std::string show(pacing x);
  static std::string allowed();
};

// -- the keys -----------------------------------------------------------------

/// Keys of `[queue]`.
inline constexpr std::tuple queue_keys{
  key{"max_pending_ops", &settings::max_pending_ops, count_form<size_t>{}},
  key{"max_pending_bytes", &settings::max_pending_bytes, size_form{}},
  key{"max_oplist_length", &settings::max_oplist_length, count_form<size_t>{}},
  key{"max_oplist_depth", &settings::max_oplist_depth, count_form<size_t>{}},
  key{"ops_per_turn", &settings::ops_per_turn, count_form<size_t>{}},
  key{"bytes_per_turn", &settings::bytes_per_turn, size_form{}},
  key{"turn_quantum", &settings::turn_quantum, span_form{}},
  key{"max_read_bytes", &settings::max_read_bytes, size_form{}},
  key{"max_listed_entries", &settings::max_listed_entries,
      count_form<uint64_t>{}},
  key{"detach_all", &settings::detach_all, flag_form{}},
};

/// Keys of a table in `[profiles]`, besides "base".
inline constexpr std::tuple profile_keys{
  key{"chunk_size", &profile::chunk_size, size_form{}},
  key{"bandwidth_pct", &profile::bandwidth_pct, percentage_form{}},
  key{"max_rate", &profile::max_rate, rate_limit_form{}},
  key{"chain_wait", &profile::chain_wait, wait_form{}},
  key{"rate_smoothing", &profile::rate_smoothing, count_form<uint32_t>{}},
  key{"pacing", &profile::pacing, pacing_form{}},
};

// -- using them ---------------------------------------------------------------

/// Calls `fun(key)` for each of the keys.
template <class... Keys, class Fun>
void for_each_key(const std::tuple<Keys...>& keys, Fun fun) {
  std::apply([&fun](const Keys&... xs) { (fun(xs), ...); }, keys);
}

/// Returns the names of the keys.
template <class... Keys>
std::vector<std::string> names_of(const std::tuple<Keys...>& keys) {
  std::vector<std::string> res;
  for_each_key(keys, [&res](const auto& x) { res.emplace_back(x.name); });
  return res;
}

} // namespace spindle::config
