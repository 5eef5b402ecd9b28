#include "spindle/fs/glob.hpp"

#include <string_view>
#include <utility>

#include <fnmatch.h>

namespace spindle::fs {

glob::glob(std::string pattern) : pattern_(std::move(pattern)) {
  constexpr auto prefix = std::string_view{"**/"};
  any_depth_ = pattern_.starts_with(prefix);
  // Two of them mean no more than one.
  while (pattern_.starts_with(prefix))
    pattern_.erase(0, prefix.size());
}

bool glob::matches(const std::string& path) const {
  if (pattern_.empty())
    return true;
  auto fits = [this](const char* part) {
    return fnmatch(pattern_.c_str(), part, FNM_PATHNAME) == 0;
  };
  if (fits(path.c_str()))
    return true;
  if (!any_depth_)
    return false;
  for (auto i = path.find('/'); i != std::string::npos;
       i = path.find('/', i + 1))
    if (fits(path.c_str() + i + 1))
      return true;
  return false;
}

} // namespace spindle::fs
