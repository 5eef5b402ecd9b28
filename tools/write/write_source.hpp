// What `spindle write` reads from: a file, pipe or terminal.
#pragma once

#include "cli/stop.hpp"

#include "spindle/client.hpp"

#include <cstdint>
#include <optional>
#include <string>

#include <sys/stat.h>

namespace spindle::tool {

/// Reads pages. A named file is read by the queue, in turn with what is
/// written; anything else here, as it comes.
class write_source {
public:
  /// Opens a file; "-" is stdin. Does not wait for the writer of a FIFO.
  /// @throws std::system_error if it cannot be read.
  explicit write_source(const std::string& name);

  write_source(const write_source&) = delete;

  write_source& operator=(const write_source&) = delete;

  ~write_source();

  /// Returns how many bytes there are, if that is known beforehand.
  std::optional<uint64_t> size() const;

  /// Returns whether it has holes: then many zeros of it most likely are some.
  bool has_holes() const {
    // The system counts in units of 512 bytes.
    return is_file() && info_.st_blocks < info_.st_size / 512;
  }

  /// Returns whether a descriptor, or a path, is the same file as this.
  bool is_same(int descriptor) const;
  bool is_same(const std::string& path) const;

  /// Returns the next bytes; none at the end, or when `stop` is requested.
  caf::expected<buffer> next(client& through, uint64_t page_size,
                             const stop_event& stop);

private:
  bool is_file() const {
    return S_ISREG(info_.st_mode);
  }

  bool is_same(const struct stat& other) const;

  /// Waits for bytes, and takes up to so many.
  caf::expected<buffer> next_of_stream(uint64_t page_size,
                                       const stop_event& stop) const;

  failure failure_of_errno(int error) const;

  std::string name_;
  int descriptor_;
  struct stat info_ {};
  uint64_t offset_ = 0;
};

} // namespace spindle::tool
