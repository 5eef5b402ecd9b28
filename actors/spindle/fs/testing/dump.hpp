// What is in a directory, as text, for comparisons in tests.
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
/// What cannot be read has the text of its error in the place of the rest.
std::string dump_of(vfs& disk, const directory& base);

} // namespace spindle::fs
