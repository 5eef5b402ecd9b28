#include "depth/page_cache.hpp"

#include "depth/require.hpp"

#include "spindle/fs/posix/posix_call.hpp"

#include <cerrno>
#include <filesystem>
#include <system_error>

#include <fcntl.h>
#include <unistd.h>

namespace bench::depth {

namespace {

using spindle::fs::posix::descriptor;

constexpr const char* drop_caches = "/proc/sys/vm/drop_caches";

void drop_everything() {
  descriptor to{::open(drop_caches, O_WRONLY | O_CLOEXEC)};
  require(to.get() != -1 && ::write(to.get(), "3", 1) == 1, drop_caches);
}

void drop_file(const std::string& path) {
  descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  require(file.get() != -1, path);
  errno = ::posix_fadvise(file.get(), 0, 0, POSIX_FADV_DONTNEED);
  require(errno == 0, path);
}

} // namespace

eviction best_eviction(bool whole_machine) {
  return whole_machine && ::access(drop_caches, W_OK) == 0
         ? eviction::everything
         : eviction::own_files;
}

void make_cold(const std::string& directory, eviction how) {
  // What is not on the device yet cannot be dropped.
  ::sync();
  if (how == eviction::everything)
    return drop_everything();
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator{directory})
    if (entry.is_regular_file())
      drop_file(entry.path());
}

} // namespace bench::depth
