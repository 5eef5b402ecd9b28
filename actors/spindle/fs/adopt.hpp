// Files, pipes and sockets that somebody else has opened.
#pragma once

#include "spindle/fs/vfs.hpp"

namespace spindle::fs {

/// Returns a file that writes to `descriptor`, from the position on that it
/// has, without ever waiting for a pipe, terminal or socket. The descriptor
/// itself stays as it is and stays open. EBADF if it is none, EACCES if it is
/// not open for writing.
result<file_ptr> adopt(int descriptor);

} // namespace spindle::fs
