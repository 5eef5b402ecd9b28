#include "spindle/fs/replace.hpp"

#include "spindle/fs/freed_space.hpp"
#include "spindle/fs/path.hpp"
#include "spindle/fs/temporary.hpp"

#include <cerrno>
#include <optional>
#include <utility>

namespace spindle::fs {

namespace {

/// Returns whether something has a name, as far as the disk says so.
bool is_there(vfs& disk, const place& where, const std::string& name) {
  auto info = disk.stat(*where.parent, name, false);
  return info || info.error() != ENOENT;
}

/// Removes what was made, if it was; adds to `why` if that fails, too.
void discard(vfs& disk, const place& where, const std::string& name,
             failure& why) {
  auto removed = disk.remove_file(*where.parent, name);
  // Some file systems, as those that are read-only, refuse to remove something
  // before they look whether it is there.
  if (removed || removed.error() == ENOENT || !is_there(disk, where, name))
    return;
  if (!why.detail.empty())
    why.detail += "; ";
  why.detail += "the temporary file \"" + name + "\" could not be removed";
}

result<void> publish(vfs& disk, const place& where, const std::string& name,
                     bool overwrite) {
  if (overwrite)
    return disk.rename(*where.parent, name, *where.parent, where.name,
                       rename_mode::replace);
  return rename_new(disk, *where.parent, name, *where.parent, where.name,
                    file_type::file);
}

/// Returns the file to be replaced, if there is one.
result<std::optional<file_info>> stat_replaced(vfs& disk, const place& where) {
  auto old = disk.stat(*where.parent, where.name, false);
  if (!old && old.error() != ENOENT)
    return fail(old.error());
  if (old && old->type == file_type::directory)
    return fail(EISDIR);
  if (old && old->type == file_type::file)
    return *old;
  return std::nullopt;
}

} // namespace

attempt<void> settle_staged(vfs& disk, const place& where,
                            const std::string& name, const std::string& path,
                            bool overwrite, attempt<void> made) {
  if (made)
    if (auto published = publish(disk, where, name, overwrite); !published)
      made = failed(published.error(), path);
  if (!made)
    discard(disk, where, name, made.error());
  return made;
}

// -- replacement --------------------------------------------------------------

replacement::replacement(vfs& disk, std::string path,
                         spindle::durability durability, place where)
    : disk_(&disk),
      path_(std::move(path)),
      durability_(durability),
      where_(std::move(where)),
      name_(temporary_name()) {}

replacement::~replacement() {
  failure nobody_asks;
  if (content_)
    discard(nobody_asks);
}

attempt<replacement> replacement::begin(vfs& disk, const std::string& path,
                                        bool parents, uint32_t permissions,
                                        spindle::durability durability) {
  struct making {
    bool parents;
    spindle::durability durability;
  };
  auto target = locate_file(path);
  if (!target)
    return tl::unexpected{std::move(target.error())};
  auto where = open_place(disk, path, *target, making{parents, durability});
  if (!where)
    return tl::unexpected{std::move(where.error())};
  replacement res{disk, path, durability, std::move(*where)};
  if (auto opened = res.open(permissions); !opened)
    return failed(opened.error(), path);
  return res;
}

result<void> replacement::open(uint32_t permissions) {
  if (auto looked = look_at_old(); !looked)
    return fail(looked.error());
  auto made = disk_->open(*where_.parent, name_,
                          {.read = false,
                           .write = true,
                           .create = true,
                           .exclusive = true,
                           .permissions = inherited_.value_or(permissions)});
  if (!made)
    return fail(made.error());
  content_ = std::move(*made);
  return {};
}

result<bool> replacement::look_at_old() {
  auto old = stat_replaced(*disk_, where_);
  if (!old)
    return fail(old.error());
  if (!*old)
    return false;
  replaces_much_ = frees_much(**old);
  // The set-user-ID and set-group-ID bits were for the old content.
  auto permissions = (*old)->permissions & 0777;
  return std::exchange(inherited_, permissions) != permissions;
}

task<attempt<void>> replacement::commit(final_syncs& last, slices rests,
                                        const written& extent) {
  if (auto completed = co_await complete(rests); !completed) {
    auto res = failed(completed.error(), path_);
    discard(res.value());
    co_return res;
  }
  content_.reset();
  if (durability_ != durability::none)
    sync_place_last(last, std::move(where_), path_, extent);
  co_return {};
}

task<result<void>> replacement::complete(slices rests) {
  // The umask may have taken some of the permissions.
  if (inherited_)
    if (auto set = content_->set_permissions(*inherited_); !set)
      co_return set;
  auto before = rests.count();
  if (auto synced = co_await sync(rests); !synced)
    co_return synced;
  // Meanwhile, an earlier operation may have given another file the name.
  if (rests.count() != before) {
    auto changed = look_at_old();
    if (changed && *changed)
      co_return co_await complete(rests);
    if (!changed)
      co_return fail(changed.error());
  }
  if (auto closed = content_->close(); !closed)
    co_return closed;
  if (replaces_much_)
    freed_ = try_hold(*disk_, *where_.parent, where_.name);
  auto published = publish(*disk_, where_, name_, true);
  published_ = published.has_value();
  co_return published;
}

task<result<void>> replacement::sync(slices rests) {
  auto mode = sync_mode_of(durability_);
  if (!mode)
    co_return {};
  sync_call call{*content_, *mode};
  if (auto awaited = co_await rests.call(call); !awaited)
    co_return awaited;
  co_return call.take();
}

void replacement::discard(failure& why) {
  content_.reset();
  freed_ = try_hold(*disk_, *where_.parent, name_);
  fs::discard(*disk_, where_, name_, why);
}

} // namespace spindle::fs
