// Names in directories: making way for them, giving them, making them durable.
#pragma once

#include "spindle/fs/attempt.hpp"
#include "spindle/fs/operations.hpp"
#include "spindle/fs/path.hpp"
#include "spindle/fs/vfs.hpp"

#include <cerrno>
#include <optional>
#include <string>

namespace spindle::fs {

/// Returns how to sync for the sake of `level`; nothing for `none`.
std::optional<sync_mode> sync_mode_of(durability level);

/// Makes what is missing of the directory that is to hold `path`, and the
/// names of what was made durable, if `level` says so.
result<void> make_parents(vfs& disk, const std::string& path, durability level);

/// Returns what `act` returns. If a directory is missing on the way to `path`
/// and the operation `op` says `parents`, makes it and acts once more.
template <class Op, class Act>
auto with_parents(vfs& disk, const std::string& path, const Op& op, Act act) {
  auto res = act();
  if (res || !op.parents || res.error() != ENOENT)
    return res;
  if (auto made = make_parents(disk, path, op.durability); !made)
    return decltype(res){fail(made.error())};
  return act();
}

/// Makes the name at the end of `path` durable, if `level` says so.
attempt<void> sync_name(vfs& disk, const std::string& path, durability level);

/// Makes both names of something durable that got another one, the new one
/// first: should the second step fail, it has two names rather than none.
attempt<void> sync_names(vfs& disk, const std::string& old_path,
                         const std::string& new_path, durability level);

/// An open directory and a name in it. What is done by way of it happens in one
/// directory, even if the path to that directory changes meanwhile.
struct place {
  directory_ptr parent;
  std::string name;
};

/// Opens the directory that is to hold `where`; `path` is the one to blame.
template <class Op>
attempt<place> open_place(vfs& disk, const std::string& path,
                          const location& where, const Op& op) {
  auto parent = with_parents(disk, path, op, [&] {
    return disk.open_directory(disk.start(), where.parent, true);
  });
  if (!parent)
    return failed(parent.error(), path);
  return place{std::move(*parent), where.name};
}

/// Makes the names in the directory of `where` durable; `path` is the one to
/// blame.
attempt<void> sync_place(const place& where, const std::string& path);

/// Renames without replacing anything, also on file systems that lack
/// `rename_mode::keep`. EEXIST if the new name is in use.
result<void> rename_new(vfs& disk, const directory& from_base,
                        const std::string& from, const directory& to_base,
                        const std::string& to, file_type type);

} // namespace spindle::fs
