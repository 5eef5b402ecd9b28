#include "depth/calls.hpp"

#include <fcntl.h>

namespace bench::depth {

std::vector<call> calls_of(const file_task& x) {
  if (x.what == deed::read)
    return {call::open, call::read, call::close};
  std::vector res{call::open, call::write, call::sync, call::close};
  if (x.what == deed::replace)
    res.insert(res.end(), {call::rename, call::sync_directory});
  return res;
}

opening opening_of(const file_task& x, size_t i) {
  auto path = x.path(i);
  switch (x.what) {
    case deed::read:
      return {path, O_RDONLY | O_CLOEXEC};
    case deed::truncate:
      return {path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC};
    case deed::append:
      return {path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC};
    case deed::replace:
      return {path + ".new", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC};
  }
  return {};
}

} // namespace bench::depth
