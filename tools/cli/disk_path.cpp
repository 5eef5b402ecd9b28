#include "cli/disk_path.hpp"

#include <algorithm>

namespace spindle::tool {

namespace {

bool with_volumes = false;

/// Returns the offset of the path after its volume.
size_t begin_of(std::string_view path) {
  auto colon = with_volumes ? path.find(':') : std::string_view::npos;
  return colon == std::string_view::npos ? 0 : colon + 1;
}

} // namespace

void use_volumes(bool on) {
  with_volumes = on;
}

bool volumes_in_use() {
  return with_volumes;
}

size_t begin_of_name(std::string_view path, bool volumes) {
  auto slash = path.rfind('/');
  if (slash != std::string_view::npos)
    return slash + 1;
  return volumes ? begin_of(path) : 0;
}

std::string base_name(std::string_view path) {
  path.remove_prefix(begin_of(path));
  return local_name(path);
}

std::string local_name(std::string_view path) {
  while (path.ends_with('/'))
    path.remove_suffix(1);
  return std::string{path.substr(path.rfind('/') + 1)};
}

std::string joined(std::string_view parent, std::string_view name) {
  std::string res{parent};
  if (begin_of(res) < res.size() && !res.ends_with('/'))
    res += '/';
  return res += name;
}

std::string pointed_to(std::string_view link, std::string_view target) {
  if (target.starts_with('/'))
    return std::string{target};
  auto parent = std::max(link.rfind('/') + 1, begin_of(link));
  return joined(link.substr(0, parent), target);
}

bool is_hidden(std::string_view relative) {
  return relative.starts_with('.')
      || relative.find("/.") != std::string_view::npos;
}

} // namespace spindle::tool
