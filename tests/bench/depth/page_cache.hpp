// Drops files from the page cache, so that reading them waits for the device.
#pragma once

#include <string>

namespace bench::depth {

/// What is dropped before files are read cold.
enum class eviction {
  /// All that the machine has cached, names and inodes included:
  /// /proc/sys/vm/drop_caches. Only root may.
  everything,
  /// The content of the files: posix_fadvise(2).
  own_files,
};

/// Returns the most that this process may drop.
/// @param whole_machine whether more than its own files.
eviction best_eviction(bool whole_machine);

/// Writes everything to the device, and then drops what is in a directory and
/// below.
/// @throws std::system_error if that fails.
void make_cold(const std::string& directory, eviction how);

} // namespace bench::depth
