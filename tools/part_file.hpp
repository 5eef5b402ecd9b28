// A file that is not complete yet.
#pragma once

#include "disk_access.hpp"

#include <cstdint>
#include <deque>
#include <string>

namespace spindle::tool {

/// Writes `TARGET.part`, which becomes TARGET when it is complete. Whatever
/// happens before, it stays, to go on from there.
class part_file {
public:
  part_file(disk_access& disk, std::string target);

  const std::string& path() const {
    return path_;
  }

  /// Returns how many bytes are there already. Fails if the target, or what has
  /// the name of the part, is something that must not be replaced.
  attempt<uint64_t> look();

  /// Starts the checksum of the first bytes.
  pending_answer checksum(uint64_t length);

  /// Makes the part if there is none, or drops what is in it behind `offset`.
  attempt<void> begin(uint64_t offset, uint32_t permissions);

  /// Writes the next bytes. Does not wait for them to be written, but for those
  /// of long before.
  attempt<void> write(buffer bytes);

  /// Waits until everything is written.
  attempt<void> flush();

  /// Returns when everything has reached the device.
  attempt<void> sync();

  /// Gives the part its name, in the place of another file if there is one.
  attempt<void> commit();

private:
  attempt<void> finish_one();

  disk_access& disk_;
  std::string target_;
  std::string path_;
  bool exists_ = false;
  uint64_t offset_ = 0;
  std::deque<pending_answer> writes_;
};

} // namespace spindle::tool
