// Which bytes are text.
#pragma once

#include <string>
#include <string_view>

namespace spindle::tool {

/// Returns whether `bytes` are well-formed UTF-8, as the Unicode standard
/// (table 3-7) defines it.
bool is_utf8(std::string_view bytes) noexcept;

/// Returns up to `max_bytes` bytes of a text without cutting a character in
/// two, with "…" if something is missing.
std::string abridged(std::string_view text, size_t max_bytes);

} // namespace spindle::tool
