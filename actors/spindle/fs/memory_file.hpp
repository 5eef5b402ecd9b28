// The open files and directories of memory_vfs.
#pragma once

#include "spindle/fs/memory_state.hpp"

namespace spindle::fs::memory {

/// Returns what stat(2) says of a node.
file_info info_of(const node& from);

/// Sets the permission bits of a node.
void set_permissions(state& all, node& of, uint32_t permissions);

/// Sets the times of a node that are given.
void set_times(state& all, node& of, const file_times& times);

/// A file, a FIFO, or a directory opened as if it were one.
class open_node final : public file {
public:
  /// Who calls holds the mutex of the state.
  /// @returns ENXIO for a FIFO that nobody reads.
  static result<file_ptr> open(state_ptr all, node_ptr what,
                               const open_options& how);

  open_node(state_ptr all, node_ptr what, const open_options& how);

  ~open_node() override;

  result<size_t> read(std::span<std::byte> into) override;

  result<size_t> read_at(uint64_t offset, std::span<std::byte> into) override;

  result<size_t> write(std::span<const std::byte> from) override;

  result<size_t> write_at(uint64_t offset,
                          std::span<const std::byte> from) override;

  result<bool> wait_ready(bool for_write, steady_time until) override;

  result<size_t> copy_from(file& source, uint64_t source_offset,
                           uint64_t offset, size_t count) override;

  result<void> clone_from(file& source) override;

  result<void> truncate(uint64_t size) override;

  result<void> sync(sync_mode mode) override;

  result<file_info> stat() override;

  result<void> set_permissions(uint32_t permissions) override;

  result<void> set_times(const file_times& times) override;

  result<void> close() override;

private:
  /// Checks what copying and cloning have in common.
  result<void> may_copy(const open_node& source) const;

  state_ptr all_;
  // Null when closed.
  node_ptr node_;
  open_options how_;
  uint64_t position_ = 0;
  // What the FIFO wants to know of a reader.
  uint64_t reader_ = 0;
};

/// A directory, as a base or to be read.
class open_directory final : public directory {
public:
  open_directory(state_ptr all, node_ptr what)
      : all_(std::move(all)), node_(std::move(what)) {}

  result<bool> read(std::vector<directory_entry>& into) override;

  result<void> sync() override;

  result<file_info> stat() override;

  const node_ptr& get() const noexcept {
    return node_;
  }

private:
  state_ptr all_;
  node_ptr node_;
  // The last name that was read.
  std::string last_;
};

} // namespace spindle::fs::memory
