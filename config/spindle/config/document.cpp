#include "spindle/config/document.hpp"

#include "spindle/config/utf8.hpp"

#include <algorithm>
#include <cctype>
#include <optional>

#include <toml++/toml.h>

namespace spindle::config {

namespace {

// -- checks before parsing ----------------------------------------------------

/// Maximum number of levels in one line, more than any configuration has. It
/// bounds the depth of the tree, which the TOML library destroys by recursion.
constexpr size_t max_dots_per_line = 64;

/// Returns the number of characters of a UTF-8 text.
uint32_t count_characters(std::string_view text) {
  // Count all bytes but continuation bytes, which are 0b10xxxxxx.
  auto res = std::count_if(text.begin(), text.end(),
                           [](char c) { return (c & 0xc0) != 0x80; });
  return static_cast<uint32_t>(res);
}

/// Returns the position of the character at an offset.
position place_of(std::string_view text, size_t offset) {
  auto before = text.substr(0, offset);
  auto line_begin = before.rfind('\n') + 1; // 0 if there is none
  auto breaks = std::count(before.begin(), before.end(), '\n');
  return {static_cast<uint32_t>(breaks) + 1,
          count_characters(before.substr(line_begin)) + 1};
}

/// Returns the offset where a line has more dots than allowed. Consecutive dots
/// count once, because keys have a name between two dots.
std::optional<size_t> find_excessive_dots(std::string_view text) {
  size_t dots = 0;
  char previous = '\n';
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\n')
      dots = 0;
    else if (text[i] == '.' && previous != '.' && ++dots > max_dots_per_line)
      return i;
    if (text[i] != ' ' && text[i] != '\t')
      previous = text[i];
  }
  return std::nullopt;
}

/// Returns the mistake of a text that must not be passed to the TOML library.
std::optional<mistake> unreadable(std::string_view text,
                                  const std::string& file) {
  if (text.size() > max_text_bytes)
    return mistake{file, 0, 0, "expected at most 1MiB of text, found more"};
  auto at = [&](size_t offset, std::string message) {
    auto [line, column] = place_of(text, offset);
    return mistake{file, line, column, std::move(message)};
  };
  if (auto n = utf8_prefix(text); n < text.size())
    return at(n,
              "expected UTF-8, found the byte " + printable(text.substr(n, 1)));
  if (auto i = find_excessive_dots(text))
    return at(*i, "expected at most 64 dots in a line");
  return std::nullopt;
}

// -- TOML to a tree -----------------------------------------------------------

position to_position(const toml::source_position& x) {
  return {x.line, x.column};
}

const char* kind_of(const toml::node& x) {
  switch (x.type()) {
    case toml::node_type::array:
      return "an array";
    case toml::node_type::date:
      return "a date";
    case toml::node_type::time:
      return "a time";
    default:
      return "a date and time";
  }
}

table to_table(const toml::table& from);

value to_value(const toml::node& from) {
  if (auto* x = from.as_boolean())
    return x->get();
  if (auto* x = from.as_integer())
    return x->get();
  if (auto* x = from.as_floating_point())
    return x->get();
  if (auto* x = from.as_string())
    return x->get();
  if (auto* x = from.as_table())
    return to_table(*x);
  return other{kind_of(from)};
}

table to_table(const toml::table& from) {
  table res;
  for (const auto& [key, node] : from)
    res.push_back({std::string{key.str()}, to_position(key.source().begin),
                   to_value(node), to_position(node.source().begin)});
  std::sort(res.begin(), res.end(),
            [](const entry& x, const entry& y) { return x.key_at < y.key_at; });
  return res;
}

/// Returns the position of a syntax error. The TOML library reports the end of
/// a text behind its last line break.
position place_of(std::string_view text, const toml::parse_error& why) {
  auto res = to_position(why.source().begin);
  auto end
    = place_of(text, text.ends_with('\n') ? text.size() - 1 : text.size());
  return std::min(res, end);
}

/// Returns the message of a syntax error, as the rest of a sentence.
std::string reason_of(const toml::parse_error& why) {
  constexpr size_t max_bytes = 200;
  auto text = abridged(printable(why.description()), max_bytes);
  if (!text.empty())
    text[0]
      = static_cast<char>(std::tolower(static_cast<unsigned char>(text[0])));
  return "not TOML: " + text;
}

} // namespace

tl::expected<table, mistake> read_document(std::string_view text,
                                           const std::string& file) {
  if (auto why = unreadable(text, file))
    return tl::unexpected{*std::move(why)};
  try {
    return to_table(toml::parse(text));
  } catch (const toml::parse_error& why) {
    auto [line, column] = place_of(text, why);
    return tl::unexpected{mistake{file, line, column, reason_of(why)}};
  }
}

} // namespace spindle::config
