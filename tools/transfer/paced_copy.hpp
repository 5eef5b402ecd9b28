// Copying at a pace, which the disk cannot do by itself.
#pragma once

#include "cli/disk_access.hpp"
#include "transfer/transfer_pace.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace spindle::tool {

/// Copies a file chunk by chunk, as `file_copy` does at once. A copy that fails
/// leaves nothing.
/// @param on_bytes is told how many bytes are copied, and how many there will
///                 be if that is known.
attempt<void> copy_at_pace(
  disk_access& disk, const std::string& source, const std::string& target,
  bool overwrite, transfer_pace& pace,
  const std::function<void(uint64_t, std::optional<uint64_t>)>& on_bytes);

/// Copies what a directory contains to the same place below the target, which
/// is made if it is not there.
/// @param on_file copies a file.
void copy_tree_at_pace(
  disk_access& disk, const std::string& source, const std::string& target,
  bool overwrite,
  const std::function<void(const std::string& source,
                           const std::string& target)>& on_file,
  const std::function<void(const failure&)>& on_failure);

} // namespace spindle::tool
