#include "utf8.hpp"

#include <cstdint>

namespace spindle::tool {

namespace {

bool between(uint8_t x, uint8_t low, uint8_t high) {
  return low <= x && x <= high;
}

/// Returns the length of the character that begins at `bytes`, or 0 if it is
/// none.
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
    // Neither what fits two bytes nor halves of UTF-16 pairs.
    auto low = first == 0xe0 ? uint8_t{0xa0} : uint8_t{0x80};
    auto high = first == 0xed ? uint8_t{0x9f} : uint8_t{0xbf};
    return between(at(1), low, high) && tail(2) ? 3 : 0;
  }
  if (between(first, 0xf0, 0xf4)) {
    // Neither what fits three bytes nor what is past U+10FFFF.
    auto low = first == 0xf0 ? uint8_t{0x90} : uint8_t{0x80};
    auto high = first == 0xf4 ? uint8_t{0x8f} : uint8_t{0xbf};
    return between(at(1), low, high) && tail(2) && tail(3) ? 4 : 0;
  }
  return 0;
}

} // namespace

bool is_utf8(std::string_view bytes) noexcept {
  while (!bytes.empty()) {
    auto length = character_length(bytes);
    if (length == 0)
      return false;
    bytes.remove_prefix(length);
  }
  return true;
}

std::string abridged(std::string_view text, size_t max_bytes) {
  if (text.size() <= max_bytes)
    return std::string{text};
  auto end = max_bytes;
  while (end > 0 && between(static_cast<uint8_t>(text[end]), 0x80, 0xbf))
    --end;
  return std::string{text.substr(0, end)} + "…";
}

} // namespace spindle::tool
