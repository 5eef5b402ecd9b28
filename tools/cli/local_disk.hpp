// The file system of this machine, without a queue.
#pragma once

#include "cli/disk_access.hpp"

#include "spindle/fs/kept_walks.hpp"
#include "spindle/fs/posix/posix_vfs.hpp"

namespace spindle::tool {

/// Performs each operation immediately, in the calling thread.
class local_disk final : public disk_access {
public:
  pending_answer start(operation what) override;

private:
  fs::posix_vfs files_;
  fs::kept_walks walks_;
};

} // namespace spindle::tool
