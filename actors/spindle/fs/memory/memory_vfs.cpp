#include "spindle/fs/memory/memory_vfs.hpp"

#include <cerrno>

#include "spindle/fs/memory/memory_file.hpp"
#include "spindle/fs/memory/memory_lookup.hpp"
#include "spindle/fs/memory/memory_state.hpp"

namespace spindle::fs {

using namespace memory;

namespace {

constexpr uint32_t directory_bits = 01777;
constexpr uint32_t file_bits = 07777;

const node_ptr& node_of(const directory& base) {
  return static_cast<const memory::open_directory&>(base).get();
}

bool is_mounted(const node& directory) {
  auto parent = directory.parent.lock();
  return directory.type == file_type::directory && parent
      && parent->device != directory.device;
}

/// Returns the spot of a path, which must not exist yet.
result<spot> find_free(const state& all, const directory& base,
                       const std::string& path, bool for_directory) {
  lookup names{all.root};
  auto where = names.find_place(node_of(base), path);
  if (!where)
    return where;
  auto child = names.find_child(*where);
  if (child || !where->is_name())
    return fail(EEXIST);
  if (child.error() != ENOENT)
    return fail(child.error());
  if ((where->slash && !for_directory) || where->directory->links == 0)
    return fail(ENOENT);
  return where;
}

/// Adds a new node to its directory.
void add(state& all, const spot& where, const node_ptr& made) {
  all.change_names({{where.directory, where.name, made}});
}

/// Finds the file to open, or creates it.
result<node_ptr> find_or_make(state& all, const directory& base,
                              const std::string& path,
                              const open_options& how) {
  lookup names{all.root};
  auto where = names.find_place(node_of(base), path);
  for (;;) {
    if (!where)
      return fail(where.error());
    if (!where->is_name())
      return fail(how.exclusive ? EEXIST : EISDIR);
    if (where->slash)
      return fail(EISDIR);
    auto found = names.find_child(*where);
    if (!found && found.error() == ENOENT && where->directory->links > 0)
      break;
    if (!found)
      return found;
    if (how.exclusive)
      return fail(EEXIST);
    if ((*found)->type == file_type::directory)
      return fail(EISDIR);
    if ((*found)->type != file_type::symlink)
      return found;
    if (!how.follow)
      return fail(ELOOP);
    where = names.follow_link(*where, **found);
  }
  auto made = all.make(file_type::file, *where->directory,
                       how.permissions & file_bits & ~all.options.umask);
  add(all, *where, made);
  return made;
}

} // namespace

// -- construction and destruction ---------------------------------------------

memory_vfs::memory_vfs(memory_options options)
    : memory_vfs(std::make_shared<state>(options)) {}

memory_vfs::memory_vfs(state_ptr state)
    : state_(std::move(state)),
      start_(std::make_unique<memory::open_directory>(state_, state_->root)) {}

memory_vfs::~memory_vfs() = default;

// -- opening ------------------------------------------------------------------

const directory& memory_vfs::start() const {
  return *start_;
}

bool memory_vfs::may_wait() const noexcept {
  return state_->options.cold;
}

result<file_ptr> memory_vfs::open(const directory& base,
                                  const std::string& path,
                                  const open_options& how) {
  std::lock_guard guard{state_->mutex};
  if (!how.read && !how.write)
    return fail(EINVAL);
  if (how.cached && state_->options.cold)
    return fail(would_wait);
  auto found = how.create
               ? find_or_make(*state_, base, path, how)
               : lookup{state_->root}.find(node_of(base), path, how.follow);
  if (!found)
    return fail(found.error());
  auto& what = **found;
  if (what.type == file_type::symlink)
    return fail(ELOOP);
  if (what.type == file_type::directory && (how.write || how.truncate))
    return fail(EISDIR);
  if (what.type == file_type::file && how.truncate)
    if (auto emptied = state_->resize(what, 0); !emptied)
      return fail(emptied.error());
  return open_node::open(state_, *found, how);
}

result<directory_ptr> memory_vfs::open_directory(const directory& base,
                                                 const std::string& path,
                                                 bool follow) {
  std::lock_guard guard{state_->mutex};
  auto found = lookup{state_->root}.find(node_of(base), path, follow);
  if (!found)
    return fail(found.error());
  if ((*found)->type != file_type::directory)
    return fail(ENOTDIR);
  return std::make_unique<memory::open_directory>(state_, *found);
}

result<link_ptr> memory_vfs::open_link(const directory& base,
                                       const std::string& path) {
  std::lock_guard guard{state_->mutex};
  auto found = lookup{state_->root}.find(node_of(base), path, false);
  if (!found)
    return fail(found.error());
  if ((*found)->type != file_type::symlink)
    return fail(EINVAL);
  return std::make_unique<with_node<open_object>>(state_, *found);
}

// -- names --------------------------------------------------------------------

result<file_info> memory_vfs::stat(const directory& base,
                                   const std::string& path, bool follow) {
  std::lock_guard guard{state_->mutex};
  auto found = lookup{state_->root}.find(node_of(base), path, follow);
  if (!found)
    return fail(found.error());
  return info_of(*state_, **found);
}

result<void> memory_vfs::make_directory(const directory& base,
                                        const std::string& path,
                                        uint32_t permissions) {
  std::lock_guard guard{state_->mutex};
  auto where = find_free(*state_, base, path, true);
  if (!where)
    return fail(where.error());
  auto made
    = state_->make(file_type::directory, *where->directory,
                   permissions & directory_bits & ~state_->options.umask);
  add(*state_, *where, made);
  return {};
}

result<void> memory_vfs::remove_file(const directory& base,
                                     const std::string& path) {
  std::lock_guard guard{state_->mutex};
  lookup names{state_->root};
  auto where = names.find_place(node_of(base), path);
  if (!where)
    return fail(where.error());
  if (!where->is_name())
    return fail(EISDIR);
  auto found = names.find_child(*where);
  if (!found)
    return fail(found.error());
  if ((*found)->type == file_type::directory)
    return fail(EISDIR);
  if (where->slash)
    return fail(ENOTDIR);
  state_->change_names({{where->directory, where->name, nullptr}});
  return {};
}

result<held_ptr> memory_vfs::hold(const directory& base,
                                  const std::string& path) {
  std::lock_guard guard{state_->mutex};
  auto found = lookup{state_->root}.find(node_of(base), path, false);
  if (!found)
    return fail(found.error());
  if (!frees_much(info_of(*state_, **found)))
    return nullptr;
  return std::make_unique<held_node>(state_, *found);
}

result<held_ptr> memory_vfs::remove_and_hold(const directory& base,
                                             const std::string& path) {
  auto held = hold(base, path);
  if (auto removed = remove_file(base, path); !removed)
    return fail(removed.error());
  if (!held)
    return nullptr;
  return std::move(*held);
}

result<void> memory_vfs::remove_directory(const directory& base,
                                          const std::string& path) {
  std::lock_guard guard{state_->mutex};
  lookup names{state_->root};
  auto where = names.find_place(node_of(base), path);
  if (!where)
    return fail(where.error());
  if (!where->is_name())
    return fail(where->name.empty()  ? EBUSY
                : where->name == "." ? EINVAL
                                     : ENOTEMPTY);
  auto found = names.find_child(*where);
  if (!found)
    return fail(found.error());
  if ((*found)->type != file_type::directory)
    return fail(ENOTDIR);
  if (is_mounted(**found))
    return fail(EBUSY);
  if (!(*found)->entries.empty())
    return fail(ENOTEMPTY);
  state_->change_names({{where->directory, where->name, nullptr}});
  return {};
}

result<void> memory_vfs::make_hard_link(const directory& from_base,
                                        const std::string& from,
                                        const directory& to_base,
                                        const std::string& to) {
  std::lock_guard guard{state_->mutex};
  if (to.find('\0') != std::string::npos)
    return fail(EINVAL);
  auto what = lookup{state_->root}.find(node_of(from_base), from, false);
  if (!what)
    return fail(what.error());
  auto where = find_free(*state_, to_base, to, false);
  if (!where)
    return fail(where.error());
  if ((*what)->device != where->directory->device)
    return fail(EXDEV);
  if ((*what)->type == file_type::directory)
    return fail(EPERM);
  add(*state_, *where, *what);
  return {};
}

result<void> memory_vfs::make_link(const std::string& target,
                                   const directory& base,
                                   const std::string& path) {
  std::lock_guard guard{state_->mutex};
  if (target.find('\0') != std::string::npos
      || path.find('\0') != std::string::npos)
    return fail(EINVAL);
  if (target.empty())
    return fail(ENOENT);
  if (target.size() > max_path)
    return fail(ENAMETOOLONG);
  auto where = find_free(*state_, base, path, false);
  if (!where)
    return fail(where.error());
  auto made = state_->make(file_type::symlink, *where->directory, 0777);
  made->target = target;
  add(*state_, *where, made);
  return {};
}

result<std::string> memory_vfs::read_link(const directory& base,
                                          const std::string& path) {
  std::lock_guard guard{state_->mutex};
  auto found = lookup{state_->root}.find(node_of(base), path, false);
  if (!found)
    return fail(found.error());
  if ((*found)->type != file_type::symlink)
    return fail(EINVAL);
  return (*found)->target;
}

// -- properties ---------------------------------------------------------------

result<void> memory_vfs::set_permissions(const directory& base,
                                         const std::string& path,
                                         uint32_t permissions) {
  std::lock_guard guard{state_->mutex};
  auto found = lookup{state_->root}.find(node_of(base), path, true);
  if (!found)
    return fail(found.error());
  memory::set_permissions(*state_, **found, permissions);
  return {};
}

result<void> memory_vfs::set_times(const directory& base,
                                   const std::string& path,
                                   const file_times& times, bool follow) {
  std::lock_guard guard{state_->mutex};
  if (path.find('\0') != std::string::npos)
    return fail(EINVAL);
  // Linux does not resolve the path if there is nothing to set.
  if (!times.accessed && !times.modified)
    return {};
  auto found = lookup{state_->root}.find(node_of(base), path, follow);
  if (!found)
    return fail(found.error());
  memory::set_times(*state_, **found, times);
  return {};
}

result<space_info> memory_vfs::disk_space(const directory& base,
                                          const std::string& path) {
  std::lock_guard guard{state_->mutex};
  auto found = lookup{state_->root}.find(node_of(base), path, true);
  if (!found)
    return fail(found.error());
  auto free
    = state_->capacity > state_->used ? state_->capacity - state_->used : 0;
  return space_info{state_->capacity, free, free};
}

} // namespace spindle::fs
