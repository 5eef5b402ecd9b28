#include "cli/local_disk.hpp"

#include "spindle/fs/execute.hpp"

namespace spindle::tool {

pending_answer local_disk::start(operation what) {
  return
    [res = fs::execute(files_, what, {}, {.walks = &walks_})] { return res; };
}

} // namespace spindle::tool
