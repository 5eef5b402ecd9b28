// Parses TOML into a tree of values. Only document.cpp depends on the TOML
// library.
#pragma once

#include "spindle/config/mistake.hpp"
#include "spindle/config/value.hpp"

#include <tl/expected.hpp>

#include <string>
#include <string_view>

namespace spindle::config {

/// Maximum size of a text in bytes, far more than any configuration needs.
inline constexpr size_t max_text_bytes = size_t{1} << 20;

/// Parses TOML. `file` is the name of the text in a mistake.
tl::expected<table, mistake> read_document(std::string_view text,
                                           const std::string& file);

} // namespace spindle::config
