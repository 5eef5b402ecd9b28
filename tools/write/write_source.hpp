// The source of `spindle write`: a file, pipe or terminal.
#pragma once

#include "cli/stop.hpp"

#include "spindle/client.hpp"

#include <cstdint>
#include <optional>
#include <string>

#include <sys/stat.h>

namespace spindle::tool {

/// Reads pages. The queue reads a named regular file, so that reads and writes
/// of the disk take turns; the calling thread reads anything else.
class write_source {
public:
  /// Opens a path; "-" is stdin. Does not wait until a FIFO has a writer.
  /// @throws std::system_error if it cannot be read.
  explicit write_source(const std::string& name);

  write_source(const write_source&) = delete;

  write_source& operator=(const write_source&) = delete;

  ~write_source();

  /// Returns the number of bytes to read, if known.
  std::optional<uint64_t> size() const;

  /// Returns whether the source has holes. If so, long runs of zeros in it are
  /// treated as holes.
  bool has_holes() const {
    // st_blocks counts units of 512 bytes.
    return is_file() && info_.st_blocks < info_.st_size / 512;
  }

  /// Returns whether a descriptor or a path refers to the same file.
  bool is_same(int descriptor) const;
  bool is_same(const std::string& path) const;

  /// Returns the next bytes; an empty buffer at the end, or once `stop` is
  /// requested.
  caf::expected<buffer> next(client& through, uint64_t page_size,
                             const stop_event& stop);

private:
  bool is_file() const {
    return S_ISREG(info_.st_mode);
  }

  bool is_same(const struct stat& other) const;

  /// Waits for bytes, and reads up to `page_size` of them.
  caf::expected<buffer> next_of_stream(uint64_t page_size,
                                       const stop_event& stop) const;

  failure failure_of_errno(int error) const;

  std::string name_;
  int descriptor_;
  struct stat info_ {};
  uint64_t offset_ = 0;
};

} // namespace spindle::tool
