// Bytes as text: base64 of RFC 4648, section 4.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace spindle::tool {

/// Returns `bytes` as base64, padded, on one line.
std::string to_base64(std::string_view bytes);

/// Decodes a text.
/// @returns nothing unless `text` is exactly what `to_base64` writes.
std::optional<std::string> from_base64(std::string_view text);

} // namespace spindle::tool
