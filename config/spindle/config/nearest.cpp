#include "spindle/config/nearest.hpp"

#include <algorithm>
#include <numeric>
#include <vector>

namespace spindle::config {

namespace {

/// Returns the Levenshtein distance of two words: the number of characters to
/// insert, remove or replace. Computed row by row.
size_t distance(std::string_view x, std::string_view y) {
  std::vector<size_t> row(y.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 0; i < x.size(); ++i) {
    auto diagonal = row[0];
    row[0] = i + 1;
    for (size_t j = 0; j < y.size(); ++j) {
      auto replaced = diagonal + (x[i] == y[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

} // namespace

std::optional<std::string> nearest(std::string_view misspelt,
                                   std::span<const std::string> words) {
  constexpr size_t longest_word = 64;
  if (misspelt.size() > longest_word)
    return std::nullopt;
  std::optional<std::string> res;
  auto best = std::max<size_t>(2, misspelt.size() / 3) + 1;
  for (const auto& word : words) {
    auto changes = distance(misspelt, word);
    if (changes < best) {
      best = changes;
      res = word;
    }
  }
  return res;
}

} // namespace spindle::config
