// File systems made for the benchmark.
#pragma once

#include "temp_dir.hpp"

#include <string>

namespace bench::depth {

/// A new file system on a loop device, in a file. It goes when it is destroyed,
/// and when the process ends, however it ends: nobody else sees the mount, the
/// file has no name, and the device detaches with the mount.
class loop_disk {
public:
  /// Makes a file system.
  /// @param type "ext4" (with a journal) or "xfs".
  /// @param parent where its file is.
  /// @throws std::system_error or std::runtime_error if this process may not,
  ///         or something is missing.
  loop_disk(const std::string& type, const std::string& parent);

  loop_disk(const loop_disk&) = delete;

  loop_disk& operator=(const loop_disk&) = delete;

  ~loop_disk();

  /// Returns its top directory.
  const std::string& directory() const {
    return mounted_;
  }

private:
  kit::temp_dir home_;
  std::string mounted_;
};

} // namespace bench::depth
