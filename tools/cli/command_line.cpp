#include "cli/command_line.hpp"

#include <string_view>

namespace spindle::tool {

namespace {

bool looks_like_list(std::string_view word) {
  return (word.starts_with('[') && word.ends_with(']')) || word == "{}";
}

bool looks_like_option(std::string_view word) {
  return word.size() > 1 && word.starts_with('-');
}

} // namespace

std::vector<std::string> words_of(int argc, const char* const* argv) {
  std::vector<std::string> res;
  auto only_names = false;
  for (int i = 1; i < argc; ++i) {
    std::string_view word = argv[i];
    if (word == "--" && !only_names) {
      only_names = true;
      continue;
    }
    auto shield
      = looks_like_list(word) || (only_names && looks_like_option(word));
    res.push_back((shield ? "./" : "") + std::string{word});
  }
  return res;
}

} // namespace spindle::tool
