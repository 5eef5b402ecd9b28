// The content of a directory as text, for comparisons in tests.
#pragma once

#include <string>

#include "spindle/fs/vfs.hpp"

namespace spindle::fs {

/// Returns a line for each entry below `base`, the entries of each directory
/// ordered by name:
///
///     dir/ 755
///     dir/file 644 "content"
///     dir/link -> target
///     pipe 644 fifo
///
/// For an entry that cannot be read, the error text replaces the rest of the
/// line.
std::string dump_of(vfs& disk, const directory& base);

} // namespace spindle::fs
