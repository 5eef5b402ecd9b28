#include "spindle/config/read_profiles.hpp"

#include "spindle/config/nearest.hpp"
#include "spindle/config/utf8.hpp"

#include <map>
#include <span>

namespace spindle::config {

namespace {

constexpr size_t max_name_bytes = 64;

/// A table in `[profiles]`.
struct profile_section {
  const entry* source;
  /// Name of the base; empty for the built-in profile of the same name.
  std::string base{};
  /// The entry of the key "base"; null if there is none.
  const entry* base_source = nullptr;
  bool begun = false;
  profile result{};
};

std::string path_of(const std::string& name) {
  return "profiles." + shown_key(name) + '.';
}

const table& body_of(const profile_section& x) {
  static const table nothing;
  auto* res = std::get_if<table>(&x.source->content);
  return res ? *res : nothing;
}

class profiles_reader {
public:
  explicit profiles_reader(reading& all) : all_(all) {}

  void read(const table& from) {
    for (const auto& x : from)
      add(x);
    for (auto& [name, x] : sections_)
      find_base(x);
    for (auto& [name, x] : sections_)
      read_after_bases(x);
    for (const auto& x : from)
      publish(x.key);
  }

private:
  // -- bases ------------------------------------------------------------------

  void add(const entry& x) {
    if (!is_bare_key(x.key) || x.key.size() > max_name_bytes)
      all_.wrong.add(x.key_at, "profiles." + shown_key(x.key)
                                 + ": expected a name of up to 64 letters, "
                                   "digits, \"-\" and \"_\"");
    else if (!std::holds_alternative<table>(x.content))
      all_.wrong.bad_value("profiles.", x, "a table");
    sections_.emplace(x.key, profile_section{&x});
  }

  void find_base(profile_section& x) {
    const auto& name = x.source->key;
    if (!find_profile(built_in_profiles(), name))
      x.base = std::string{default_profile};
    for (const auto& y : body_of(x))
      if (y.key == "base" && check_base(path_of(name), y)) {
        x.base = std::get<std::string>(y.content);
        x.base_source = &y;
      }
  }

  bool check_base(const std::string& path, const entry& x) {
    auto* base = std::get_if<std::string>(&x.content);
    if (base && (section_of(*base) || find_profile(built_in_profiles(), *base)))
      return true;
    auto near = base ? nearest(*base, all_names()) : std::nullopt;
    all_.wrong.bad_value(path, x,
                         near
                           ? "the name of a profile, such as \"" + *near + '"'
                           : "the name of a profile");
    return false;
  }

  std::vector<std::string> all_names() const {
    std::vector<std::string> res;
    for (const auto& x : built_in_profiles())
      res.push_back(x.name);
    for (const auto& [name, x] : sections_)
      res.push_back(name);
    return res;
  }

  profile_section* section_of(const std::string& name) {
    auto i = sections_.find(name);
    return i == sections_.end() ? nullptr : &i->second;
  }

  // -- reading ----------------------------------------------------------------

  /// Reads a profile after its bases.
  void read_after_bases(profile_section& first) {
    std::vector<profile_section*> chain;
    auto* next = &first;
    for (; next && !next->begun; next = section_of(next->base)) {
      next->begun = true;
      chain.push_back(next);
    }
    auto begin = std::find(chain.begin(), chain.end(), next);
    if (begin != chain.end()) {
      complain_of_cycle({begin, chain.end()});
      chain.back()->base.clear();
    }
    for (auto i = chain.rbegin(); i != chain.rend(); ++i)
      read_one(**i);
  }

  /// Adds a mistake at the key "base" of the first profile of a cycle.
  void complain_of_cycle(std::span<profile_section* const> cycle) {
    profile_section* first = nullptr;
    std::string all_of_them;
    for (auto* x : cycle) {
      if (x->base_source
          && (!first || x->base_source->key_at < first->base_source->key_at))
        first = x;
      all_of_them += shown_key(x->source->key) + " is based on "
                   + shown_key(x->base) + ", ";
    }
    all_of_them.resize(all_of_them.size() - 2);
    constexpr size_t max_bytes = 200;
    all_.wrong.bad_value(path_of(first->source->key), *first->base_source,
                         "a profile that is not based on this one itself ("
                           + abridged(all_of_them, max_bytes) + ')');
  }

  void read_one(profile_section& x) {
    static const auto known = [] {
      auto res = names_of(profile_keys);
      res.insert(res.begin(), "base");
      return res;
    }();
    const auto& name = x.source->key;
    inherit(x);
    x.result.name = name;
    read_keys(body_of(x), path_of(name), profile_keys, known, x.result, all_);
  }

  /// Copies the values of the base and their origins.
  void inherit(profile_section& x) {
    const auto& name = x.source->key;
    if (auto* base = section_of(x.base)) {
      x.result = base->result;
    } else {
      auto* built_in
        = find_profile(built_in_profiles(), x.base.empty() ? name : x.base);
      // Only a profile with a mistake can have no base.
      x.result = built_in ? *built_in : profile{};
    }
    if (!x.base.empty())
      inherit_origins(path_of(name), x.base);
  }

  void inherit_origins(const std::string& path, const std::string& base) {
    for_each_key(profile_keys, [&](const auto& key) {
      auto from = all_.result.origin_of(path_of(base).append(key.name));
      if (from == origin{})
        from.profile = base;
      all_.result.origins.emplace(path + std::string{key.name},
                                  std::move(from));
    });
  }

  /// Moves a profile to the result.
  void publish(const std::string& name) {
    auto& profiles = all_.result.queue.profiles;
    const auto& read = section_of(name)->result;
    // Names in the file are unique, so only a built-in profile can exist
    // already.
    auto end
      = profiles.begin() + static_cast<ptrdiff_t>(built_in_profiles().size());
    auto i = std::find_if(profiles.begin(), end,
                          [&](const profile& x) { return x.name == name; });
    if (i == end)
      profiles.push_back(read);
    else
      *i = read;
  }

  reading& all_;
  std::map<std::string, profile_section> sections_;
};

} // namespace

void read_profiles(const table& from, reading& all) {
  profiles_reader{all}.read(from);
}

} // namespace spindle::config
