#include "spindle/fs/replace.hpp"

#include "spindle/fs/path.hpp"

#include <cerrno>
#include <optional>

namespace spindle::fs {

namespace {

/// Removes what was made, if it was; adds to `why` if that fails, too.
void discard(vfs& disk, const place& where, const std::string& name,
             failure& why) {
  auto removed = disk.remove_file(*where.parent, name);
  if (removed || removed.error() == ENOENT)
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

/// Returns the permissions of the file to be replaced, if there is one. Those
/// to run it as somebody else were given to the old content.
result<std::optional<uint32_t>> inherited_permissions(vfs& disk,
                                                      const place& where) {
  auto old = disk.stat(*where.parent, where.name, false);
  if (!old && old.error() != ENOENT)
    return fail(old.error());
  if (old && old->type == file_type::directory)
    return fail(EISDIR);
  if (old && old->type == file_type::file)
    return old->permissions & 0777;
  return std::nullopt;
}

/// Makes the file under a name that nobody knows yet.
result<void> make_whole(vfs& disk, const new_file& what,
                        const directory& parent, const std::string& name,
                        std::optional<uint32_t> inherited) {
  auto made = disk.open(parent, name,
                        {.read = false,
                         .write = true,
                         .create = true,
                         .exclusive = true,
                         .permissions = inherited.value_or(what.permissions)});
  if (!made)
    return fail(made.error());
  auto& content = **made;
  if (auto filled = what.fill(content); filled.sys_errno != 0)
    return fail(filled.sys_errno);
  // The umask may have taken some of the permissions.
  if (inherited)
    if (auto set = content.set_permissions(*inherited); !set)
      return set;
  if (auto mode = sync_mode_of(what.durability))
    if (auto synced = content.sync(*mode); !synced)
      return synced;
  return content.close();
}

} // namespace

attempt<void> stage(vfs& disk, const place& where, const std::string& path,
                    bool overwrite, const maker& make) {
  auto name = temporary_name();
  auto res = make(name);
  if (res)
    if (auto published = publish(disk, where, name, overwrite); !published)
      res = failed(published.error(), path);
  if (!res)
    discard(disk, where, name, res.error());
  return res;
}

attempt<void> replace_file(vfs& disk, const new_file& what) {
  auto target = locate_file(what.path);
  if (!target)
    return tl::unexpected{std::move(target.error())};
  auto where = open_place(disk, what.path, *target, what);
  if (!where)
    return tl::unexpected{std::move(where.error())};
  auto inherited = inherited_permissions(disk, *where);
  if (!inherited)
    return failed(inherited.error(), what.path);
  auto make = [&](const std::string& name) -> attempt<void> {
    auto made = make_whole(disk, what, *where->parent, name, *inherited);
    if (!made)
      return failed(made.error(), what.path);
    return {};
  };
  auto res = stage(disk, *where, what.path, true, make);
  if (res && what.durability != durability::none)
    return sync_place(*where, what.path);
  return res;
}

} // namespace spindle::fs
