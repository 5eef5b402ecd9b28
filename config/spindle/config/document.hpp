// TOML text to a tree of values. Only document.cpp knows the TOML library.
#pragma once

#include "spindle/config/mistake.hpp"
#include "spindle/config/value.hpp"

#include <tl/expected.hpp>

#include <string>
#include <string_view>

namespace spindle::config {

/// The most bytes that a text may have: far more than any configuration needs.
inline constexpr size_t max_text_bytes = size_t{1} << 20;

/// Reads TOML. `file` is what the mistake, if there is one, calls the text.
tl::expected<table, mistake> read_document(std::string_view text,
                                           const std::string& file);

} // namespace spindle::config
