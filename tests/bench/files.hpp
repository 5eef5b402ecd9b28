// Files and trees to work on.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>

namespace bench {

/// Makes a file of this size, or overwrites one.
/// @throws std::runtime_error if that fails.
void write_file(const std::filesystem::path& path, uint64_t size);

/// Makes a directory with this number of small files, a hundred in each
/// directory in it.
/// @throws std::filesystem::filesystem_error or std::runtime_error if that
///         fails.
void make_tree(const std::filesystem::path& top, size_t files);

} // namespace bench
