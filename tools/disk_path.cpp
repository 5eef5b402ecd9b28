#include "disk_path.hpp"

namespace spindle::tool {

std::string base_name(std::string_view path) {
  while (path.ends_with('/'))
    path.remove_suffix(1);
  return std::string{path.substr(path.rfind('/') + 1)};
}

std::string joined(std::string_view parent, std::string_view name) {
  std::string res{parent};
  if (!res.empty() && !res.ends_with('/'))
    res += '/';
  return res += name;
}

std::string pointed_to(std::string_view link, std::string_view target) {
  if (target.starts_with('/'))
    return std::string{target};
  return joined(link.substr(0, link.rfind('/') + 1), target);
}

bool is_hidden(std::string_view relative) {
  return relative.starts_with('.')
      || relative.find("/.") != std::string_view::npos;
}

} // namespace spindle::tool
