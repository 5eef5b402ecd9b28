#include "spindle/config/mistake.hpp"

namespace spindle::config {

std::string to_string(const mistake& x) {
  auto res = x.file + ':';
  if (x.line > 0)
    res += std::to_string(x.line) + ':' + std::to_string(x.column) + ':';
  return res + ' ' + x.message;
}

std::string to_string(const mistakes& xs) {
  std::string res;
  for (const auto& x : xs)
    res += to_string(x) + '\n';
  return res;
}

} // namespace spindle::config
