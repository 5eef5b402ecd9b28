#include "spindle/config/value.hpp"

#include "spindle/config/utf8.hpp"

#include <algorithm>
#include <charconv>

namespace spindle::config {

namespace {

constexpr size_t max_shown_bytes = 64;

std::string quoted(const std::string& text) {
  return '"' + abridged(printable(text), max_shown_bytes) + '"';
}

struct value_printer {
  std::string operator()(bool x) const {
    return x ? "true" : "false";
  }

  std::string operator()(int64_t x) const {
    return std::to_string(x);
  }

  std::string operator()(double x) const {
    return shown_number(x);
  }

  std::string operator()(const std::string& x) const {
    return quoted(x);
  }

  std::string operator()(const other& x) const {
    return x.kind;
  }

  std::string operator()(const table&) const {
    return "a table";
  }
};

} // namespace

std::string shown(const value& x) {
  return std::visit(value_printer{}, x);
}

std::string shown_key(const std::string& key) {
  return is_bare_key(key) && key.size() <= max_shown_bytes ? key : quoted(key);
}

std::string shown_number(double x) {
  char text[64];
  auto [end, error] = std::to_chars(text, text + sizeof text, x);
  return {text, end};
}

bool is_bare_key(std::string_view key) {
  auto allowed = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z') || c == '-' || c == '_';
  };
  return !key.empty() && std::all_of(key.begin(), key.end(), allowed);
}

} // namespace spindle::config
