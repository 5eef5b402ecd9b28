// The state of a memory_vfs.
#pragma once

#include <functional>
#include <memory>
#include <mutex>

#include "spindle/fs/memory/memory_names.hpp"
#include "spindle/fs/memory/memory_node.hpp"
#include "spindle/fs/memory/memory_vfs.hpp"

namespace spindle::fs::memory {

/// The whole state of a memory_vfs. Hold `mutex` to call a member or access a
/// node.
struct state {
  explicit state(memory_options chosen);

  state(const state&) = delete;

  state& operator=(const state&) = delete;

  ~state();

  /// Advances the clock, and returns a time later than all before.
  file_time now();

  /// Makes a node without a name.
  node_ptr make(file_type type, const node& directory, uint32_t permissions);

  /// Applies the changes as one atomic operation.
  void change_names(name_operation changes);

  /// Writes as much as fits; EFBIG or ENOSPC if nothing does.
  result<size_t> write(node& file, uint64_t offset, std::string_view data);

  /// Makes a hole.
  void punch(node& file, uint64_t offset, uint64_t length);

  /// Sets the size; EFBIG if it is too large.
  result<void> resize(node& file, uint64_t size);

  /// Called when an open file of the node is closed.
  void release(node& file);

  /// Calls `function` for each node that has a name.
  void for_each(const std::function<void(node&)>& function) const;

  std::mutex mutex;
  memory_options options;
  /// See `memory_vfs::set_allocation_factor`.
  uint64_t allocation_factor = 1;
  node_ptr root;
  name_journal names;
  uint64_t capacity = uint64_t{1} << 40;
  uint64_t used = 0;
  /// How many calls of `held_file::wait_free` return false.
  size_t free_delay = 0;
  uint64_t next_inode = 1;
  uint64_t next_device = 1;
  file_time clock;

private:
  void add_name(const node_ptr& target, const node_ptr& directory);

  void drop_name(const node_ptr& target);

  void free_if_unused(const node& file);
};

using state_ptr = std::shared_ptr<state>;

/// Returns what a crash may leave of `before`; everything in it is durable.
state_ptr state_after_crash(const state& before, random& chance);

} // namespace spindle::fs::memory
