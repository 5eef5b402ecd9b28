// The open files and directories of memory_vfs.
#pragma once

#include "spindle/fs/memory/memory_object.hpp"

namespace spindle::fs::memory {

/// An open file or FIFO, or a directory opened as a file.
class open_node final : public with_node<file> {
public:
  /// The caller must hold the mutex of the state.
  /// @returns ENXIO for writing a FIFO without a reader.
  static result<file_ptr> open(state_ptr all, node_ptr what,
                               const open_options& how);

  open_node(state_ptr all, node_ptr what, const open_options& how);

  ~open_node() override;

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
  /// Checks that apply to both copying and cloning.
  result<void> may_copy(const open_node& source) const;

  open_options how_;
  uint64_t position_ = 0;
  // Result of `memory_fifo::open_reader`.
  uint64_t reader_ = 0;
};

/// Keeps the bytes of a file in use until it is destroyed, or until the delay
/// set for tests is over.
class held_node final : public held_file {
public:
  /// The caller holds the mutex of the state.
  held_node(state_ptr all, node_ptr what);

  ~held_node() override;

  bool wait_free(std::chrono::nanoseconds most) override;

private:
  state_ptr all_;
  /// Null once released.
  node_ptr node_;
  /// How many calls of `wait_free` still return false.
  size_t delay_;
};

/// An open directory.
class open_directory final : public with_node<directory> {
public:
  using with_node::with_node;

  result<bool> read(std::vector<directory_entry>& into) override;

  result<void> sync() override;

  const node_ptr& get() const noexcept {
    return node_;
  }

private:
  // Name of the entry that was read last.
  std::string last_;
};

} // namespace spindle::fs::memory
