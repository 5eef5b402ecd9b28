#include "transfer/path_pattern.hpp"

#include "cli/disk_path.hpp"
#include "transfer/tree_transfer.hpp"

#include <algorithm>
#include <utility>

namespace spindle::tool {

namespace {

/// Returns the matching entries of all directories.
attempt<std::vector<std::string>>
entries_of(disk_access& disk, const std::vector<std::string>& directories,
           const std::string& component) {
  std::vector<std::string> res;
  for (const auto& directory : directories) {
    directory_walk walk{.path = directory.empty() ? "." : directory,
                        .glob = component,
                        .max_depth = 1};
    do {
      auto page = disk.run(walk);
      // A file, or a removed directory, has no entries.
      if (!page
          && (page.error().code == errc::not_a_directory
              || page.error().code == errc::not_found))
        break;
      if (!page)
        return tl::unexpected{std::move(page.error())};
      for (const auto& entry : page->entries)
        if (component.starts_with('.') || !entry.path.starts_with('.'))
          res.push_back(directory.empty()
                          ? entry.path
                          : path_in(disk, directory, entry.path));
      walk.after = page->next;
    } while (!walk.after.empty());
  }
  return res;
}

} // namespace

bool has_wildcard(const std::string& path) {
  return path.find_first_of("*?[") != std::string::npos;
}

attempt<std::vector<std::string>> matching_paths(disk_access& disk,
                                                 const std::string& pattern) {
  // The components before the first wildcard are a plain path.
  auto first = pattern.find_first_of("*?[");
  auto begin = begin_of_name(std::string_view{pattern}.substr(0, first),
                             disk.has_volumes());
  std::vector<std::string> res{pattern.substr(0, begin)};
  while (begin < pattern.size()) {
    auto end = std::min(pattern.find('/', begin), pattern.size());
    auto component = pattern.substr(begin, end - begin);
    if (!component.empty()) {
      auto found = entries_of(disk, res, component);
      if (!found)
        return found;
      res = *std::move(found);
    }
    begin = end + 1;
  }
  if (res.empty())
    return tl::unexpected{failure{
      .code = errc::not_found, .path = pattern, .detail = "nothing matches"}};
  return res;
}

} // namespace spindle::tool
