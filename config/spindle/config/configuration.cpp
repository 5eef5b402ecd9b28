#include "spindle/config/configuration.hpp"

namespace spindle::config {

std::string to_string(const origin& x) {
  if (!x.file.empty())
    return x.file + ':' + std::to_string(x.line);
  return x.profile.empty() ? "built-in" : "built-in profile " + x.profile;
}

origin configuration::origin_of(std::string_view key) const {
  auto i = origins.find(key);
  return i == origins.end() ? origin{} : i->second;
}

} // namespace spindle::config
