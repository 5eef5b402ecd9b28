#include "spindle/config/utf8.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdio>

namespace spindle::config {

namespace {

bool between(uint8_t x, uint8_t low, uint8_t high) {
  return low <= x && x <= high;
}

/// Returns the length of the character that begins at `bytes`, or 0 if it is
/// not well-formed.
size_t character_length(std::string_view bytes) {
  auto at = [bytes](size_t i) -> uint8_t {
    return i < bytes.size() ? static_cast<uint8_t>(bytes[i]) : uint8_t{0};
  };
  auto tail = [&at](size_t i) { return between(at(i), 0x80, 0xbf); };
  auto first = at(0);
  if (first < 0x80)
    return 1;
  if (between(first, 0xc2, 0xdf))
    return tail(1) ? 2 : 0;
  if (between(first, 0xe0, 0xef)) {
    // Exclude overlong forms and surrogates.
    auto low = first == 0xe0 ? uint8_t{0xa0} : uint8_t{0x80};
    auto high = first == 0xed ? uint8_t{0x9f} : uint8_t{0xbf};
    return between(at(1), low, high) && tail(2) ? 3 : 0;
  }
  if (between(first, 0xf0, 0xf4)) {
    // Exclude overlong forms and everything above U+10FFFF.
    auto low = first == 0xf0 ? uint8_t{0x90} : uint8_t{0x80};
    auto high = first == 0xf4 ? uint8_t{0x8f} : uint8_t{0xbf};
    return between(at(1), low, high) && tail(2) && tail(3) ? 4 : 0;
  }
  return 0;
}

/// Returns whether the character is a control character: U+0000 to U+001F, or
/// U+007F to U+009F.
bool is_control(std::string_view character) {
  auto first = static_cast<uint8_t>(character[0]);
  return first < 0x20 || first == 0x7f
      || (first == 0xc2 && static_cast<uint8_t>(character[1]) < 0xa0);
}

void append_escaped(std::string& text, std::string_view bytes) {
  for (auto byte : bytes) {
    char escaped[8];
    std::snprintf(escaped, sizeof escaped, "\\x%02x",
                  static_cast<uint8_t>(byte));
    text += escaped;
  }
}

} // namespace

size_t utf8_prefix(std::string_view bytes) noexcept {
  size_t res = 0;
  while (res < bytes.size()) {
    auto length = character_length(bytes.substr(res));
    if (length == 0)
      break;
    res += length;
  }
  return res;
}

bool is_utf8(std::string_view bytes) noexcept {
  return utf8_prefix(bytes) == bytes.size();
}

std::string_view beginning(std::string_view text, size_t max_bytes) noexcept {
  if (text.size() <= max_bytes)
    return text;
  constexpr size_t longest_character = 4;
  for (size_t n = 0; n < longest_character && n <= max_bytes; ++n)
    if (auto end = max_bytes - n;
        !between(static_cast<uint8_t>(text[end]), 0x80, 0xbf))
      return text.substr(0, end);
  return text.substr(0, max_bytes);
}

std::string abridged(std::string_view text, size_t max_bytes) {
  std::string res{beginning(text, max_bytes)};
  if (res.size() < text.size())
    res += "…";
  return res;
}

std::string printable(std::string_view text) {
  std::string res;
  while (!text.empty()) {
    auto length = character_length(text);
    auto character = text.substr(0, std::max<size_t>(length, 1));
    if (length == 0 || is_control(character))
      append_escaped(res, character);
    else
      res += character;
    text.remove_prefix(character.size());
  }
  return res;
}

} // namespace spindle::config
