// The rename of memory_vfs.

#include <cerrno>

#include "spindle/fs/memory/memory_file.hpp"
#include "spindle/fs/memory/memory_lookup.hpp"
#include "spindle/fs/memory/memory_state.hpp"
#include "spindle/fs/memory/memory_vfs.hpp"

namespace spindle::fs {

using namespace memory;

namespace {

/// The source or target of a rename.
struct rename_end {
  spot where;
  // Null if the target does not exist.
  node_ptr what;
};

bool is_directory(const node_ptr& what) {
  return what && what->type == file_type::directory;
}

/// Returns whether `inner` is `outer`, or inside it.
bool is_within(node_ptr inner, const node_ptr& outer) {
  for (;;) {
    if (inner == outer)
      return true;
    auto parent = inner->parent.lock();
    if (!parent || parent == inner)
      return false;
    inner = std::move(parent);
  }
}

/// Returns whether `what` is a mount point.
bool is_mounted(const rename_end& end) {
  return end.what && end.what->device != end.where.directory->device;
}

result<spot> find_place(const state& all, const directory& base,
                        const std::string& path) {
  const auto& start = static_cast<const memory::open_directory&>(base).get();
  return lookup{all.root}.find_place(start, path);
}

/// Checks the rules of rename(2) and renameat2(2) in the order of Linux.
result<void> may_rename(const rename_end& from, const rename_end& to,
                        rename_mode mode) {
  auto exchange = mode == rename_mode::exchange;
  if (to.where.directory->links == 0)
    return fail(ENOENT);
  if (to.what && mode == rename_mode::keep)
    return fail(EEXIST);
  if (!to.what && exchange)
    return fail(ENOENT);
  if (exchange && !is_directory(to.what) && to.where.slash)
    return fail(ENOTDIR);
  if (!is_directory(from.what)
      && (from.where.slash || (!exchange && to.where.slash)))
    return fail(ENOTDIR);
  if (is_directory(from.what) && is_within(to.where.directory, from.what))
    return fail(EINVAL);
  if (is_directory(to.what) && is_within(from.where.directory, to.what))
    return fail(exchange ? EINVAL : ENOTEMPTY);
  if (from.what == to.what)
    return {};
  if (to.what && !exchange) {
    if (is_directory(from.what) && !is_directory(to.what))
      return fail(ENOTDIR);
    if (!is_directory(from.what) && is_directory(to.what))
      return fail(EISDIR);
  }
  if (is_mounted(from) || is_mounted(to))
    return fail(EBUSY);
  if (is_directory(to.what) && !exchange && !to.what->entries.empty())
    return fail(ENOTEMPTY);
  return {};
}

} // namespace

result<void> memory_vfs::rename(const directory& from_base,
                                const std::string& from_path,
                                const directory& to_base,
                                const std::string& to_path, rename_mode mode) {
  std::lock_guard guard{state_->mutex};
  if (to_path.find('\0') != std::string::npos)
    return fail(EINVAL);
  auto from_place = find_place(*state_, from_base, from_path);
  if (!from_place)
    return fail(from_place.error());
  auto to_place = find_place(*state_, to_base, to_path);
  if (!to_place)
    return fail(to_place.error());
  rename_end from{*from_place, nullptr};
  rename_end to{*to_place, nullptr};
  if (from.where.directory->device != to.where.directory->device)
    return fail(EXDEV);
  if (!from.where.is_name())
    return fail(EBUSY);
  if (!to.where.is_name())
    return fail(mode == rename_mode::keep ? EEXIST : EBUSY);
  lookup names{state_->root};
  auto from_child = names.find_child(from.where);
  if (!from_child)
    return fail(from_child.error());
  from.what = *from_child;
  auto to_child = names.find_child(to.where);
  if (!to_child && to_child.error() != ENOENT)
    return fail(to_child.error());
  to.what = to_child.value_or(nullptr);
  if (auto may = may_rename(from, to, mode); !may)
    return may;
  if (from.what == to.what)
    return {};
  auto left = mode == rename_mode::exchange ? to.what : nullptr;
  state_->change_names({{from.where.directory, from.where.name, left},
                        {to.where.directory, to.where.name, from.what}});
  return {};
}

} // namespace spindle::fs
