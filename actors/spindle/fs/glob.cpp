#include "spindle/fs/glob.hpp"

#include <algorithm>
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
  slashes_
    = static_cast<size_t>(std::count(pattern_.begin(), pattern_.end(), '/'));
}

bool glob::matches(const std::string& path) const {
  if (pattern_.empty())
    return true;
  size_t begin = 0;
  if (any_depth_) {
    // Only a slash matches a slash, so the last directories have to match, as
    // many as the pattern has.
    auto slash = path.size();
    for (size_t i = 0; i <= slashes_ && slash != std::string::npos; ++i)
      slash = slash == 0 ? std::string::npos : path.rfind('/', slash - 1);
    begin = slash == std::string::npos ? 0 : slash + 1;
  }
  return fnmatch(pattern_.c_str(), path.c_str() + begin, FNM_PATHNAME) == 0;
}

} // namespace spindle::fs
