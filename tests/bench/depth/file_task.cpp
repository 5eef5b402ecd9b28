#include "depth/file_task.hpp"

#include "files.hpp"

#include <unistd.h>

namespace bench::depth {

std::string to_string(deed x) {
  switch (x) {
    case deed::read:
      return "read";
    case deed::truncate:
      return "truncate";
    case deed::append:
      return "append";
    case deed::replace:
      return "replace";
  }
  return "unknown";
}

std::string file_task::path(size_t i) const {
  return directory + '/' + (what == deed::append ? "log" : std::to_string(i));
}

void make_files(const file_task& x) {
  if (x.what == deed::append)
    return write_file(x.path(0), 0);
  for (size_t i = 0; i < x.count; ++i)
    write_file(x.path(i), x.bytes);
}

void prepare(const file_task& x) {
  if (x.what == deed::read)
    return make_cold(x.directory, x.cold);
  if (x.what == deed::append)
    write_file(x.path(0), 0);
  // Nobody is to wait for what others have left behind.
  ::sync();
}

} // namespace bench::depth
