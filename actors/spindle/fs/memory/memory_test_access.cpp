// The members of memory_vfs for tests: set-up, inspection and crashes.

#include <cerrno>
#include <system_error>

#include "spindle/fs/memory/memory_file.hpp"
#include "spindle/fs/memory/memory_lookup.hpp"
#include "spindle/fs/memory/memory_state.hpp"
#include "spindle/fs/memory/memory_vfs.hpp"
#include "spindle/fs/testing/dump.hpp"

namespace spindle::fs {

using namespace memory;

namespace {

[[noreturn]] void raise(int sys_errno, const std::string& path) {
  throw std::system_error{sys_errno, std::generic_category(), path};
}

/// Returns the spot at `path`, which must not exist yet.
spot free_place(const state& all, const std::string& path) {
  lookup names{all.root};
  auto where = names.find_place(all.root, path);
  if (!where)
    raise(where.error(), path);
  if (!where->is_name() || names.find_child(*where))
    raise(EEXIST, path);
  return *where;
}

} // namespace

// -- set-up -------------------------------------------------------------------

std::shared_ptr<memory_fifo> memory_vfs::make_fifo(const std::string& path,
                                                   size_t capacity) {
  std::lock_guard guard{state_->mutex};
  auto where = free_place(*state_, path);
  auto made = state_->make(file_type::fifo, *where.directory,
                           0666 & ~state_->options.umask);
  made->fifo = std::make_shared<memory_fifo>(capacity);
  state_->change_names({{where.directory, where.name, made}});
  return made->fifo;
}

void memory_vfs::mount(const std::string& path) {
  std::lock_guard guard{state_->mutex};
  auto where = free_place(*state_, path);
  auto made = state_->make(file_type::directory, *where.directory,
                           0777 & ~state_->options.umask);
  made->device = state_->next_device++;
  state_->change_names({{where.directory, where.name, made}});
}

void memory_vfs::set_capacity(uint64_t bytes) {
  std::lock_guard guard{state_->mutex};
  state_->capacity = bytes;
}

void memory_vfs::set_free_delay(size_t times) {
  std::lock_guard guard{state_->mutex};
  state_->free_delay = times;
}

void memory_vfs::set_allocation_factor(uint64_t factor) {
  std::lock_guard guard{state_->mutex};
  state_->allocation_factor = factor;
}

void memory_vfs::write_file(const std::string& path, std::string_view text) {
  auto opened
    = open(start(), path, {.write = true, .create = true, .truncate = true});
  if (!opened)
    raise(opened.error(), path);
  auto put = (*opened)->write(std::as_bytes(std::span{text}));
  if (!put)
    raise(put.error(), path);
  if (*put != text.size())
    raise(ENOSPC, path);
}

// -- inspection ---------------------------------------------------------------

std::optional<std::string> memory_vfs::read_file(const std::string& path) {
  std::lock_guard guard{state_->mutex};
  auto found = lookup{state_->root}.find(state_->root, path, true);
  if (!found || (*found)->type != file_type::file)
    return std::nullopt;
  return (*found)->content.bytes();
}

std::string memory_vfs::tree() {
  return dump_of(*this, start());
}

// -- crashes ------------------------------------------------------------------

void memory_vfs::sync_all() {
  std::lock_guard guard{state_->mutex};
  state_->names.sync_all();
  state_->for_each([](node& what) {
    what.content.sync();
    what.durable_data = what.data;
  });
}

std::shared_ptr<memory_vfs> memory_vfs::after_crash(uint64_t seed) const {
  std::lock_guard guard{state_->mutex};
  memory::random chance{seed};
  return std::shared_ptr<memory_vfs>{
    new memory_vfs{state_after_crash(*state_, chance)}};
}

} // namespace spindle::fs
