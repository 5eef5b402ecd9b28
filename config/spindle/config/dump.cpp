#include "spindle/config/dump.hpp"

#include "spindle/config/keys.hpp"
#include "spindle/config/utf8.hpp"

namespace spindle::config {

namespace {

/// Where comments begin, if the value leaves room.
constexpr size_t comment_column = 36;

/// Appends a table with all keys of `from`.
template <class Struct, class Keys>
void append_table(std::string& text, const std::string& name,
                  const Struct& from, const Keys& keys,
                  const configuration& all) {
  text += "\n[" + name + "]\n";
  for_each_key(keys, [&](const auto& key) {
    auto line = std::string{key.name} + " = " + key.form.show(from.*key.member);
    line.resize(std::max(line.size() + 1, comment_column), ' ');
    auto full_key = name + '.' + std::string{key.name};
    text += line + "# " + printable(to_string(all.origin_of(full_key))) + '\n';
  });
}

} // namespace

std::string to_toml(const configuration& x) {
  std::string res = "# What is in force, and where each value comes from.\n";
  append_table(res, "queue", x.queue, queue_keys, x);
  for (const auto& y : x.profiles)
    append_table(res, "profiles." + y.name, y, profile_keys, x);
  return res;
}

} // namespace spindle::config
