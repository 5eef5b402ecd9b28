// Descriptors of files, pipes and sockets that the caller has opened.
#pragma once

#include "spindle/fs/vfs.hpp"

#include <cstdint>
#include <optional>

namespace spindle::fs {

/// A file made from a descriptor of the caller.
struct adopted_file {
  file_ptr content;
  /// Offset of the first byte to be written; empty if the file has no position.
  std::optional<uint64_t> begin;
};

/// Returns a file that writes to `descriptor` from its position on, and never
/// blocks on a pipe, terminal or socket. The descriptor itself is not changed
/// and stays open. EBADF if it is not open, EACCES if it is not open for
/// writing.
result<adopted_file> adopt(int descriptor);

/// Returns the position of an open descriptor; nothing if it has none.
std::optional<uint64_t> position_of(int descriptor);

} // namespace spindle::fs
