// What somebody may have meant who misspelt a word.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace spindle::config {

/// Returns the word that takes the fewest changes of single characters to get
/// to from `misspelt`; none if that is more than a third of its length (or 2).
std::optional<std::string> nearest(std::string_view misspelt,
                                   std::span<const std::string> words);

} // namespace spindle::config
