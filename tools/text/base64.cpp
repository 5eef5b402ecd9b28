#include "text/base64.hpp"

#include <array>
#include <cstdint>

namespace spindle::tool {

namespace {

constexpr std::string_view digits
  = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

constexpr uint8_t no_digit = 64;

/// Value of each character as a digit of base 64.
constexpr auto values = [] {
  std::array<uint8_t, 256> res{};
  res.fill(no_digit);
  for (uint8_t i = 0; i < digits.size(); ++i)
    res[static_cast<unsigned char>(digits[i])] = i;
  return res;
}();

/// Returns the bits of up to three bytes from `pos` on, the first ones highest.
uint32_t bits_at(std::string_view bytes, size_t pos) {
  uint32_t res = 0;
  for (size_t i = 0; i < 3; ++i) {
    res <<= 8;
    if (pos + i < bytes.size())
      res |= static_cast<unsigned char>(bytes[pos + i]);
  }
  return res;
}

} // namespace

std::string to_base64(std::string_view bytes) {
  std::string res;
  res.reserve((bytes.size() + 2) / 3 * 4);
  for (size_t pos = 0; pos < bytes.size(); pos += 3) {
    auto bits = bits_at(bytes, pos);
    for (int shift = 18; shift >= 0; shift -= 6)
      res += digits[(bits >> shift) & 63];
  }
  for (auto tail = bytes.size() % 3; tail % 3 != 0; ++tail)
    res[res.size() - (3 - tail)] = '=';
  return res;
}

std::optional<std::string> from_base64(std::string_view text) {
  if (text.size() % 4 != 0)
    return std::nullopt;
  auto padding = text.ends_with("==") ? 2u : text.ends_with("=") ? 1u : 0u;
  auto payload = text.substr(0, text.size() - padding);
  std::string res;
  res.reserve(text.size() / 4 * 3);
  uint32_t bits = 0;
  int count = 0;
  for (auto c : payload) {
    auto value = values[static_cast<unsigned char>(c)];
    if (value == no_digit)
      return std::nullopt;
    bits = (bits << 6) | value;
    count += 6;
    if (count >= 8) {
      count -= 8;
      res += static_cast<char>(bits >> count);
      bits &= (1u << count) - 1;
    }
  }
  // Unused bits must be zero, or several texts would encode the same bytes.
  if (bits != 0)
    return std::nullopt;
  return res;
}

} // namespace spindle::tool
