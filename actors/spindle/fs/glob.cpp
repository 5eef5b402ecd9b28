#include "spindle/fs/glob.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <utility>

namespace spindle::fs {

namespace {

size_t index_of(char c) {
  return static_cast<unsigned char>(c);
}

/// A character class such as "[:digit:]", limited to ASCII in every locale.
struct named_class {
  std::string_view text;
  bool (*contains)(int c);
};

constexpr std::array named_classes{
  named_class{"[:alnum:]", [](int c) { return std::isalnum(c) != 0; }},
  named_class{"[:alpha:]", [](int c) { return std::isalpha(c) != 0; }},
  named_class{"[:blank:]", [](int c) { return c == ' ' || c == '\t'; }},
  named_class{"[:cntrl:]", [](int c) { return std::iscntrl(c) != 0; }},
  named_class{"[:digit:]", [](int c) { return std::isdigit(c) != 0; }},
  named_class{"[:graph:]", [](int c) { return std::isgraph(c) != 0; }},
  named_class{"[:lower:]", [](int c) { return std::islower(c) != 0; }},
  named_class{"[:print:]", [](int c) { return std::isprint(c) != 0; }},
  named_class{"[:punct:]", [](int c) { return std::ispunct(c) != 0; }},
  named_class{"[:space:]", [](int c) { return std::isspace(c) != 0; }},
  named_class{"[:upper:]", [](int c) { return std::isupper(c) != 0; }},
  named_class{"[:xdigit:]", [](int c) { return std::isxdigit(c) != 0; }},
};

} // namespace

// -- reading a pattern --------------------------------------------------------

class glob::parser {
public:
  explicit parser(std::string_view text) : rest_(text) {}

  std::vector<component> parse() {
    while (!rest_.empty())
      parse_next();
    return std::move(res_);
  }

private:
  void parse_next() {
    auto c = rest_.front();
    if (c == '[') {
      if (auto set = take_set())
        return add(*set);
      return add_byte();
    }
    if (c == '\\')
      return add_escaped();
    if (c == '?')
      return add_any();
    if (c != '*')
      return add_byte();
    rest_.remove_prefix(1);
    if (auto& runs = here().runs; runs.size() == 1 || !runs.back().empty())
      runs.emplace_back();
  }

  // -- what a component consists of -------------------------------------------

  component& here() {
    return res_.back();
  }

  void add(const byte_set& set) {
    here().runs.back().push_back(set);
    ++here().fewest_bytes;
  }

  void add_any() {
    rest_.remove_prefix(1);
    add(byte_set{}.set());
  }

  /// Adds the next byte as a literal.
  void add_byte() {
    auto c = rest_.front();
    rest_.remove_prefix(1);
    if (c == '/')
      res_.emplace_back();
    else
      add(byte_set{}.set(index_of(c)));
  }

  void add_escaped() {
    rest_.remove_prefix(1);
    if (rest_.empty())
      here().is_broken = true;
    else
      add_byte();
  }

  // -- sets -------------------------------------------------------------------

  /// Parses a set; returns nothing if no "]" closes the "[" before the next
  /// slash.
  std::optional<byte_set> take_set() {
    // An earlier search for "]" that found none also covered this set, so it is
    // not repeated. This keeps parsing linear.
    auto is_class = class_at(rest_) != nullptr;
    if (rest_.size() >= set_unclosed_until_ && !is_class)
      return std::nullopt;
    auto text = rest_.substr(1);
    auto is_negated = text.starts_with('!') || text.starts_with('^');
    if (is_negated)
      text.remove_prefix(1);
    byte_set res;
    auto is_first = true;
    while (!text.empty() && text.front() != '/') {
      if (text.front() == ']' && !is_first) {
        rest_ = text.substr(1);
        return is_negated ? ~res : res;
      }
      is_first = false;
      if (!take_member(text, res))
        break;
    }
    set_unclosed_until_ = text.size();
    return std::nullopt;
  }

  /// Parses a class, a byte or a range; returns whether there was one.
  static bool take_member(std::string_view& text, byte_set& to) {
    if (auto* known = class_at(text)) {
      for (int c = 0; c < 128; ++c)
        if (known->contains(c))
          to.set(static_cast<size_t>(c));
      text.remove_prefix(known->text.size());
      return true;
    }
    auto first = take_member_byte(text);
    if (!first)
      return false;
    auto last = first;
    auto is_range
      = text.size() > 1 && text[0] == '-' && text[1] != ']' && text[1] != '/';
    if (is_range) {
      text.remove_prefix(1);
      last = take_member_byte(text);
    }
    if (!last)
      return false;
    for (auto i = index_of(*first); i <= index_of(*last); ++i)
      to.set(i);
    return true;
  }

  static std::optional<char> take_member_byte(std::string_view& text) {
    if (text.front() == '\\')
      text.remove_prefix(1);
    if (text.empty() || text.front() == '/')
      return std::nullopt;
    auto res = text.front();
    text.remove_prefix(1);
    return res;
  }

  static const named_class* class_at(std::string_view text) {
    if (!text.starts_with("[:"))
      return nullptr;
    auto i = std::find_if(
      named_classes.begin(), named_classes.end(),
      [text](const named_class& x) { return text.starts_with(x.text); });
    return i == named_classes.end() ? nullptr : &*i;
  }

  std::string_view rest_;
  std::vector<component> res_{1};
  /// Length of the rest of the pattern where the last search for "]" ended.
  size_t set_unclosed_until_ = std::string_view::npos;
};

glob::glob(std::string_view pattern) {
  constexpr auto prefix = std::string_view{"**/"};
  any_depth_ = pattern.starts_with(prefix);
  // Repeated prefixes mean the same as one.
  while (pattern.starts_with(prefix))
    pattern.remove_prefix(prefix.size());
  if (!pattern.empty())
    components_ = parser{pattern}.parse();
}

// -- matching -----------------------------------------------------------------

namespace {

using run = std::vector<std::bitset<256>>;

/// Returns whether a run matches the beginning of `bytes`.
bool begins_with(std::string_view bytes, const run& what) {
  return what.size() <= bytes.size()
      && std::equal(what.begin(), what.end(), bytes.begin(),
                    [](const auto& set, char c) { return set[index_of(c)]; });
}

/// Removes everything up to the end of the first match of a run.
bool skip_past(std::string_view& bytes, const run& what) {
  for (; bytes.size() >= what.size(); bytes.remove_prefix(1))
    if (begins_with(bytes, what)) {
      bytes.remove_prefix(what.size());
      return true;
    }
  return false;
}

} // namespace

bool glob::matches(std::string_view path) const {
  if (components_.empty())
    return true;
  // Match from the end: with a leading "**/", the number of directories before
  // is arbitrary.
  auto is_whole = false;
  for (auto i = components_.rbegin(); i != components_.rend(); ++i) {
    if (is_whole)
      return false;
    auto slash = path.rfind('/');
    is_whole = slash == std::string_view::npos;
    if (!matches(*i, is_whole ? path : path.substr(slash + 1)))
      return false;
    path = path.substr(0, is_whole ? 0 : slash);
  }
  return is_whole || any_depth_;
}

bool glob::matches(const component& pattern, std::string_view name) {
  if (pattern.is_broken || name.size() < pattern.fewest_bytes)
    return false;
  const auto& runs = pattern.runs;
  if (!begins_with(name, runs.front()))
    return false;
  if (runs.size() == 1)
    return name.size() == runs.front().size();
  name.remove_prefix(runs.front().size());
  // The other runs must match before the last one.
  auto end = name.size() - runs.back().size();
  if (!begins_with(name.substr(end), runs.back()))
    return false;
  name = name.substr(0, end);
  // The first match is the best one: it leaves the most bytes to the next runs.
  return std::all_of(runs.begin() + 1, runs.end() - 1,
                     [&name](const run& x) { return skip_past(name, x); });
}

} // namespace spindle::fs
