// Validation and escaping of UTF-8 text.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace spindle::config {

/// Returns the length of the longest prefix that is well-formed UTF-8 by table
/// 3-7 of the Unicode standard.
size_t utf8_prefix(std::string_view bytes) noexcept;

/// Returns whether all `bytes` are well-formed UTF-8.
bool is_utf8(std::string_view bytes) noexcept;

/// Returns as many characters from the beginning of a text as fit into
/// `max_bytes` bytes; of what is not UTF-8, so many bytes.
std::string_view beginning(std::string_view text, size_t max_bytes) noexcept;

/// Returns the beginning of a text, and "…" if the text is longer.
std::string abridged(std::string_view text, size_t max_bytes);

/// Returns the text with control characters and bytes that are not UTF-8
/// replaced by "\xNN", so that it fits on one line.
std::string printable(std::string_view text);

} // namespace spindle::config
