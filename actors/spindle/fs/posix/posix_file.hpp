// The open files and directories of posix_vfs.
#pragma once

#include "spindle/fs/posix/posix_call.hpp"
#include "spindle/fs/posix/posix_object.hpp"
#include "spindle/fs/vfs.hpp"

namespace spindle::fs::posix {

/// Where the position of a file is kept.
enum class position : uint8_t {
  /// In this object; it begins at 0.
  own,
  /// In the kernel; it may be shared with other descriptors.
  shared,
};

/// A file opened with O_NONBLOCK, or a socket.
class open_file : public with_descriptor<file> {
public:
  explicit open_file(descriptor owned, position where = position::own)
      : with_descriptor(std::move(owned)), stream_(where == position::shared) {}

  result<size_t> read(std::span<std::byte> into) override;

  result<size_t> read_at(uint64_t offset, std::span<std::byte> into) override;

  result<size_t> read_cached(uint64_t offset,
                             std::span<std::byte> into) override;

  result<size_t> write(std::span<const std::byte> from) override;

  result<size_t> write_at(uint64_t offset,
                          std::span<const std::byte> from) override;

  result<bool> wait_ready(bool for_write, steady_time until) override;

  result<size_t> copy_from(file& source, uint64_t source_offset,
                           uint64_t offset, size_t count) override;

  result<void> clone_from(file& source) override;

  result<data_extent> find_data(uint64_t offset) override;

  result<void> punch_hole(uint64_t offset, uint64_t length) override;

  result<void> start_writeback(uint64_t offset, uint64_t length) override;

  result<void> truncate(uint64_t size) override;

  result<void> sync(sync_mode mode) override;

  result<void> set_times(const file_times& times) override;

  result<void> close() override;

private:
  // Kept here and not in the kernel; `write` explains why.
  uint64_t position_ = 0;
  // Whether the position is not kept here, as for a pipe.
  bool stream_;
};

/// An open directory, or the working directory.
class open_directory : public with_descriptor<directory> {
public:
  using with_descriptor::with_descriptor;

  result<bool> read(std::vector<directory_entry>& into) override;

  result<void> sync() override;
};

/// Returns the descriptor of a directory that posix_vfs or rooted_vfs has
/// opened.
inline int number_of(const directory& base) {
  return static_cast<const open_directory&>(base).number();
}

} // namespace spindle::fs::posix
