#include "cli/missing_directory.hpp"

#include "cli/disk_path.hpp"

#include <utility>

namespace spindle::tool {

failure no_directory(failure why, const std::string& path) {
  why.path = path;
  why.detail = "`spindle mkdir -p` makes it";
  return why;
}

failure explained(disk_access& disk, failure why, const std::string& target) {
  // Making a file at "dir/" fails with other codes if "dir" is missing.
  if (why.code != errc::not_found && why.code != errc::is_a_directory
      && why.code != errc::not_a_directory)
    return why;
  auto parent = target.substr(0, begin_of_name(target, disk.has_volumes()));
  if (parent.empty())
    return why;
  auto there = disk.run(file_stat{.path = parent});
  if (there || there.error().code != errc::not_found)
    return why;
  return no_directory(std::move(there.error()), parent);
}

} // namespace spindle::tool
