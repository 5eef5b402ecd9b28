// Files, pipes and sockets that somebody else has opened.
#pragma once

#include "spindle/fs/vfs.hpp"

#include <cstdint>
#include <optional>

namespace spindle::fs {

/// What somebody else has opened.
struct adopted_file {
  file_ptr content;
  /// Where in the file the first byte goes; none if it has no positions.
  std::optional<uint64_t> begin;
};

/// Returns a file that writes to `descriptor`, from the position on that it
/// has, without ever waiting for a pipe, terminal or socket. The descriptor
/// itself stays as it is and stays open. EBADF if it is none, EACCES if it is
/// not open for writing.
result<adopted_file> adopt(int descriptor);

/// Returns the position of an open descriptor; none if it has none.
std::optional<uint64_t> position_of(int descriptor);

} // namespace spindle::fs
