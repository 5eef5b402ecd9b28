// The keys of each table of a configuration.
//
// Used for reading, `spindle config dump` and the tests. To add a setting, add
// its key here and document it in docs/configuration.md.
#pragma once

#include "spindle/config/form.hpp"
#include "spindle/config/node_settings.hpp"

#include "spindle/message/profile.hpp"
#include "spindle/message/settings.hpp"

#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace spindle::config {

// -- description of a key -----------------------------------------------------

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

/// "read-only" or "read-write".
struct access_form {
  static std::optional<access_mode> read(const value& x);
  static std::string show(access_mode x);
  static std::string allowed();
};

/// "auto", "ring", "threads" or "plain".
struct engine_form {
  static std::optional<engine_choice> read(const value& x);
  static std::string show(engine_choice x);
  static std::string allowed();
};

/// "error", "warning", "info" or "debug".
struct level_form {
  static std::optional<log_level> read(const value& x);
  static std::string show(log_level x);
  static std::string allowed();
};

// -- the keys -----------------------------------------------------------------

/// Keys of `[queue]`. Profiles have their own tables, and `settings::disk`
/// cannot be set in a file.
inline constexpr std::tuple queue_keys{
  key{"max_pending_ops", &settings::max_pending_ops, count_form<size_t>{}},
  key{"max_pending_bytes", &settings::max_pending_bytes, size_form{}},
  key{"max_oplist_length", &settings::max_oplist_length, count_form<size_t>{}},
  key{"max_oplist_depth", &settings::max_oplist_depth, count_form<size_t>{}},
  key{"ops_per_turn", &settings::ops_per_turn, count_form<size_t>{}},
  key{"bytes_per_turn", &settings::bytes_per_turn, size_form{}},
  key{"turn_quantum", &settings::turn_quantum, span_form{}},
  key{"depth", &settings::depth, depth_form{}},
  key{"engine", &settings::engine, engine_form{}},
  key{"max_read_bytes", &settings::max_read_bytes, size_form{}},
  key{"max_listed_entries", &settings::max_listed_entries,
      count_form<uint64_t>{}},
  key{"max_writers", &settings::max_writers, count_form<size_t>{}},
  key{"max_buffered_bytes", &settings::max_buffered_bytes, size_form{}},
  key{"max_remembered_writers", &settings::max_remembered_writers,
      count_form<size_t>{}},
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
  key{"weight", &profile::weight, count_form<uint32_t>{}},
  key{"latency_goal", &profile::latency_goal, goal_form{}},
};

/// Keys of `[listen]`, besides "tls".
inline constexpr std::tuple listen_keys{
  key{"address", &listen_section::address, text_form{}},
  key{"port", &listen_section::port, port_form{}},
};

/// Keys of `[listen.tls]`.
inline constexpr std::tuple tls_keys{
  key{"certificate", &tls_files::certificate, text_form{}},
  key{"key", &tls_files::key, text_form{}},
  key{"authorities", &tls_files::authorities, text_form{}},
};

/// Keys of a table in `[volumes]`.
inline constexpr std::tuple volume_keys{
  key{"root", &volume_section::root, text_form{}},
  key{"access", &volume_section::access, access_form{}},
  key{"must_be_mount", &volume_section::must_be_mount, flag_form{}},
  key{"special_permissions", &volume_section::special_permissions, flag_form{}},
};

/// Keys of `[limits]`, besides "max_profile".
inline constexpr std::tuple limit_keys{
  key{"max_ops", &node_limits::max_ops, count_form<size_t>{}},
  key{"max_bytes", &node_limits::max_bytes, size_form{}},
  key{"max_message_bytes", &node_limits::max_message_bytes, size_form{}},
  key{"max_writers", &node_limits::max_writers, count_form<size_t>{}},
  key{"max_requests_per_second", &node_limits::max_requests_per_second,
      frequency_form{}},
  key{"weight", &node_limits::weight, count_form<uint32_t>{}},
  key{"request_window", &node_limits::request_window, count_form<size_t>{}},
  key{"request_window_bytes", &node_limits::request_window_bytes, size_form{}},
  key{"max_total_bytes", &node_limits::max_total_bytes, size_form{}},
  key{"max_connections", &node_limits::max_connections, count_form<size_t>{}},
  key{"max_handshakes", &node_limits::max_handshakes, count_form<size_t>{}},
  key{"max_unfinished_bytes", &node_limits::max_unfinished_bytes, size_form{}},
  key{"max_remembered_clients", &node_limits::max_remembered_clients,
      count_form<size_t>{}},
};

/// Keys of `[node]`.
inline constexpr std::tuple node_keys{
  key{"log_level", &node_section::log_level, level_form{}},
  key{"drain_timeout", &node_section::drain_timeout, span_form{}},
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
