// Which bytes are text.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace spindle::config {

/// Returns how many bytes, from the first on, are well-formed UTF-8, as the
/// Unicode standard (table 3-7) defines it.
size_t utf8_prefix(std::string_view bytes) noexcept;

/// Returns whether all `bytes` are well-formed UTF-8.
bool is_utf8(std::string_view bytes) noexcept;

/// Returns up to `max_bytes` bytes of a text without cutting a character in
/// two, with "…" if something is missing.
std::string abridged(std::string_view text, size_t max_bytes);

/// Returns the text without anything that would disturb a line of text: control
/// characters and bytes that are no UTF-8 become "\xNN".
std::string printable(std::string_view text);

} // namespace spindle::config
