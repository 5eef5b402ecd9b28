// Copies at a pace, made by the program instead of the disk.
#pragma once

#include "cli/disk_access.hpp"
#include "transfer/transfer_pace.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace spindle::tool {

/// Copies a file chunk by chunk, with the same result as `file_copy`. A copy
/// that fails is removed.
/// @param on_bytes is called with the number of copied bytes, and their total
///                 if known.
attempt<void> copy_at_pace(
  disk_access& disk, const std::string& source, const std::string& target,
  bool overwrite, transfer_pace& pace,
  const std::function<void(uint64_t, std::optional<uint64_t>)>& on_bytes);

/// Copies the entries of a directory to the same relative paths in the target,
/// which is made if it does not exist.
/// @param on_file is called to copy each file.
/// @param on_failure is called for each entry that could not be copied.
void copy_tree_at_pace(
  disk_access& disk, const std::string& source, const std::string& target,
  bool overwrite,
  const std::function<void(const std::string& source,
                           const std::string& target)>& on_file,
  const std::function<void(const failure&)>& on_failure);

} // namespace spindle::tool
