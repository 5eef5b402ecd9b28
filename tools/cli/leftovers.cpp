#include "cli/leftovers.hpp"

#include "spindle/config/quantity.hpp"
#include "spindle/fs/path.hpp"
#include "spindle/fs/sweep.hpp"

#include <cstdlib>

#include <sys/stat.h>
#include <unistd.h>

namespace spindle::tool {

namespace {

std::chrono::nanoseconds age_by_default() {
  const auto* text = std::getenv("SPINDLE_LEFTOVER_AGE");
  return (text ? config::duration_of(text) : std::nullopt)
    .value_or(std::chrono::hours{1});
}

} // namespace

leftovers::leftovers() : leftovers(age_by_default()) {}

void leftovers::sweep(const std::string& directory) {
  if (swept_.insert(directory).second)
    sweep(directory, false);
}

void leftovers::sweep_tree(const std::string& top) {
  sweep(top, true);
}

void leftovers::sweep(const std::string& directory, bool recursive) {
  fs::sweep_leftovers(
    files_, directory,
    {.recursive = recursive, .min_age = min_age_, .user = ::geteuid()});
}

void leftovers::sweep_for(const std::string& path) {
  struct stat info {};
  auto is_directory = ::stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
  sweep(is_directory ? path : fs::parent_of(path));
}

} // namespace spindle::tool
