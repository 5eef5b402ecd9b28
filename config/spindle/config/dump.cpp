#include "spindle/config/dump.hpp"

#include "spindle/config/keys.hpp"
#include "spindle/config/utf8.hpp"

namespace spindle::config {

namespace {

/// Column of the comments, unless the value is longer.
constexpr size_t comment_column = 36;

/// Appends a line with a value and its origin.
void append_value(std::string& text, const std::string& table,
                  std::string_view key, const std::string& shown,
                  const configuration& all) {
  auto line = std::string{key} + " = " + shown;
  line.resize(std::max(line.size() + 1, comment_column), ' ');
  auto full_key = table + '.' + std::string{key};
  text += line + "# " + printable(to_string(all.origin_of(full_key))) + '\n';
}

template <class Struct, class Keys>
void append_table(std::string& text, const std::string& name,
                  const Struct& from, const Keys& keys,
                  const configuration& all) {
  text += "\n[" + name + "]\n";
  for_each_key(keys, [&](const auto& key) {
    append_value(text, name, key.name, key.form.show(from.*key.member), all);
  });
}

/// Appends the tables of a node.
void append_node(std::string& text, const configuration& all) {
  const auto& node = all.node;
  append_table(text, "node", node.node, node_keys, all);
  append_table(text, "listen", node.listen, listen_keys, all);
  if (node.listen.has_tls())
    append_table(text, "listen.tls", node.listen.tls, tls_keys, all);
  append_table(text, "limits", node.limits, limit_keys, all);
  if (node.limits.max_profile)
    append_value(text, "limits", "max_profile",
                 text_form::show(node.limits.max_profile->name), all);
  for (const auto& volume : node.volumes)
    append_table(text, "volumes." + shown_key(volume.name), volume, volume_keys,
                 all);
}

} // namespace

std::string to_toml(const configuration& x) {
  std::string res = "# What is in force, and where each value comes from.\n";
  append_table(res, "queue", x.queue, queue_keys, x);
  for (const auto& y : x.queue.profiles)
    append_table(res, "profiles." + y.name, y, profile_keys, x);
  append_node(res, x);
  return res;
}

} // namespace spindle::config
