#include "spindle/config/read_node.hpp"

#include "spindle/config/nearest.hpp"
#include "spindle/node/volume_path.hpp"

#include <utility>

namespace spindle::config {

namespace {

const table& body_of(const entry& x) {
  return std::get<table>(x.content);
}

/// Returns the names of `keys`, and one more.
template <class... Keys>
std::vector<std::string> names_with(const std::tuple<Keys...>& keys,
                                    const char* more) {
  auto res = names_of(keys);
  res.emplace_back(more);
  return res;
}

/// Adds a mistake if a required key is missing.
void require(bool there, const char* key, const std::string& path,
             const entry& section, reading& all) {
  if (!there)
    all.wrong.add(section.key_at,
                  path + ": expected a key \"" + key + "\" in this table");
}

void read_tls(const entry& from, reading& all) {
  if (!std::holds_alternative<table>(from.content)) {
    all.wrong.bad_value("listen.", from, "a table");
    return;
  }
  auto& files = all.result.node.listen.tls;
  read_keys(body_of(from), "listen.tls.", tls_keys, names_of(tls_keys), files,
            all);
  require(!files.certificate.empty(), "certificate", "listen.tls", from, all);
  require(!files.key.empty(), "key", "listen.tls", from, all);
  require(!files.authorities.empty(), "authorities", "listen.tls", from, all);
}

void read_volume(const entry& from, reading& all) {
  auto path = "volumes." + shown_key(from.key);
  if (!is_volume_name(from.key))
    all.wrong.add(from.key_at, path
                                 + ": expected a name of letters, digits, "
                                   "\"-\", \"_\" and \".\"");
  else if (!std::holds_alternative<table>(from.content))
    all.wrong.bad_value("volumes.", from, "a table");
  else {
    volume_section res{.name = from.key};
    read_keys(body_of(from), path + '.', volume_keys, names_of(volume_keys),
              res, all);
    require(!res.root.empty(), "root", path, from, all);
    all.result.node.volumes.push_back(std::move(res));
  }
}

void read_max_profile(const entry& x, reading& all) {
  auto* name = std::get_if<std::string>(&x.content);
  auto* found = name ? find_profile(all.result.queue.profiles, *name) : nullptr;
  if (found) {
    all.result.node.limits.max_profile = *found;
    all.result.origins.insert_or_assign("limits.max_profile",
                                        origin{all.file, x.key_at.line});
    return;
  }
  std::vector<std::string> names;
  for (const auto& profile : all.result.queue.profiles)
    names.push_back(profile.name);
  auto near = name ? nearest(*name, names) : std::nullopt;
  all.wrong.bad_value("limits.", x,
                      near ? "the name of a profile, such as \"" + *near + '"'
                           : "the name of a profile");
}

} // namespace

void read_listen(const entry& from, reading& all) {
  read_keys(body_of(from), "listen.", listen_keys,
            names_with(listen_keys, "tls"), all.result.node.listen, all);
  for (const auto& x : body_of(from))
    if (x.key == "tls")
      read_tls(x, all);
}

void read_volumes(const entry& from, reading& all) {
  for (const auto& x : body_of(from))
    read_volume(x, all);
}

void read_limits(const entry& from, reading& all) {
  read_keys(body_of(from), "limits.", limit_keys,
            names_with(limit_keys, "max_profile"), all.result.node.limits, all);
  for (const auto& x : body_of(from))
    if (x.key == "max_profile")
      read_max_profile(x, all);
}

void read_node(const entry& from, reading& all) {
  read_keys(body_of(from), "node.", node_keys, names_of(node_keys),
            all.result.node.node, all);
}

} // namespace spindle::config
