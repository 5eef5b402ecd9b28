#include "spindle/fs/names.hpp"

namespace spindle::fs {

namespace {

result<void> sync_directory(vfs& disk, const std::string& path) {
  auto opened = disk.open_directory(disk.start(), path, true);
  if (!opened)
    return fail(opened.error());
  return (*opened)->sync();
}

constexpr auto not_synced = "the change is visible, but its directory could "
                            "not be synced, so a crash may undo it";

/// Returns the failure of a directory that cannot be synced.
failure unsynced(const std::string& path) {
  return failed(0, path, not_synced).value();
}

attempt<void> synced(const result<void>& step, const std::string& path) {
  if (!step)
    return failed(step.error(), path, not_synced);
  return {};
}

/// Adds the sync of the directory that holds `here`.
/// @param path names it in failures.
void add_parent(final_syncs& last, vfs& disk, const std::string& here,
                const std::string& path, const written& extent) {
  auto opened = disk.open_directory(disk.start(), parent_of(here), true);
  if (opened)
    last.add(std::move(*opened), unsynced(path), extent);
  else
    last.add_failed(failed(opened.error(), path, not_synced).value(), extent);
}

/// Creates one directory; succeeds if it exists.
result<void> ensure_directory(vfs& disk, const std::string& path) {
  auto made = disk.make_directory(disk.start(), path, 0777);
  // If it is not a directory, the next step fails.
  if (!made && made.error() == EEXIST)
    return {};
  return made;
}

result<void> claim(vfs& disk, const directory& base, const std::string& name,
                   file_type type) {
  if (type == file_type::directory)
    return disk.make_directory(base, name, 0700);
  auto made = disk.open(base, name,
                        {.read = false,
                         .write = true,
                         .create = true,
                         .exclusive = true,
                         .permissions = 0600});
  if (!made)
    return fail(made.error());
  return {};
}

result<void> unclaim(vfs& disk, const directory& base, const std::string& name,
                     file_type type) {
  return type == file_type::directory ? disk.remove_directory(base, name)
                                      : disk.remove_file(base, name);
}

} // namespace

std::optional<sync_mode> sync_mode_of(durability level) {
  switch (level) {
    case durability::data:
      return sync_mode::data;
    case durability::full:
      return sync_mode::full;
    default:
      return std::nullopt;
  }
}

result<void> make_parents(vfs& disk, const std::string& path,
                          durability level) {
  // Go up to the first existing directory, then create downwards.
  auto missing = std::vector{parent_of(path)};
  for (;;) {
    auto made = ensure_directory(disk, missing.back());
    if (made)
      break;
    auto above = parent_of(missing.back());
    if (made.error() != ENOENT || above == missing.back())
      return made;
    missing.push_back(std::move(above));
  }
  for (auto next = missing.rbegin(); next != missing.rend(); ++next) {
    if (auto made = ensure_directory(disk, *next); !made)
      return made;
    if (level != durability::none)
      if (auto synced = sync_directory(disk, parent_of(*next)); !synced)
        return synced;
  }
  return {};
}

void sync_name(final_syncs& last, vfs& disk, const std::string& path,
               durability level, const written& extent) {
  if (level != durability::none)
    add_parent(last, disk, path, path, extent);
}

void sync_followed_name(final_syncs& last, vfs& disk, const std::string& path,
                        durability level, const written& extent) {
  if (level == durability::none)
    return;
  auto here = path;
  for (int i = 0; i <= max_links; ++i) {
    add_parent(last, disk, here, path, extent);
    auto text = disk.read_link(disk.start(), here);
    if (!text && text.error() != EINVAL)
      last.add_failed(failed(text.error(), path).value(), extent);
    if (!text)
      return;
    here = behind_link(here, *text);
  }
  last.add_failed(failed(ELOOP, path).value(), extent);
}

attempt<void> sync_place(const place& where, const std::string& path) {
  return synced(where.parent->sync(), path);
}

void sync_place_last(final_syncs& last, place&& where, const std::string& path,
                     written extent) {
  last.add(std::move(where.parent), unsynced(path), std::move(extent));
}

attempt<void> changed_directories::sync() {
  for (auto& where : all_)
    if (auto res = synced(where.opened->sync(), where.path); !res)
      return res;
  return {};
}

void changed_directories::sync_last(final_syncs& last) {
  for (auto& where : all_) {
    last.add(std::move(where.opened), unsynced(where.path));
    last.then();
  }
}

result<void> rename_new(vfs& disk, const directory& from_base,
                        const std::string& from, const directory& to_base,
                        const std::string& to, file_type type) {
  auto res = disk.rename(from_base, from, to_base, to, rename_mode::keep);
  if (res || !is_unsupported_rename(res.error()))
    return res;
  // Claim the name with an empty file or directory, which fails if the name is
  // in use; then replace that.
  if (auto claimed = claim(disk, to_base, to, type); !claimed)
    return claimed;
  res = disk.rename(from_base, from, to_base, to, rename_mode::replace);
  if (!res)
    if (auto removed = unclaim(disk, to_base, to, type); !removed)
      return removed;
  return res;
}

} // namespace spindle::fs
