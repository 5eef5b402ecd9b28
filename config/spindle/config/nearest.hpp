// Suggestions for misspelt words.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace spindle::config {

/// Returns the word with the smallest Levenshtein distance to `misspelt`; none
/// if the distance is greater than a third of its length (or 2).
std::optional<std::string> nearest(std::string_view misspelt,
                                   std::span<const std::string> words);

} // namespace spindle::config
