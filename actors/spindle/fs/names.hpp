// Names in directories: creating parents, renaming, and making names durable.
#pragma once

#include "spindle/fs/failures.hpp"
#include "spindle/fs/final_syncs.hpp"
#include "spindle/fs/path.hpp"
#include "spindle/fs/slice.hpp"
#include "spindle/fs/task.hpp"
#include "spindle/fs/vfs.hpp"
#include "spindle/ops/operations.hpp"

#include <cerrno>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace spindle::fs {

/// Returns the sync mode for a durability; nothing for `none`.
std::optional<sync_mode> sync_mode_of(durability level);

/// Creates the missing parent directories of `path`; makes their names durable
/// if `level` says so.
result<void> make_parents(vfs& disk, const std::string& path, durability level);

/// Returns the result of `act`. If that is ENOENT and `op` has the option
/// `parents`, creates the parent directories of `path` and calls `act` once
/// more.
template <class Op, class Act>
auto with_parents(vfs& disk, const std::string& path, const Op& op, Act act) {
  auto res = act();
  // Operations that create nothing do not have this option.
  if constexpr (requires { op.parents; })
    if (!res && op.parents && res.error() == ENOENT) {
      if (auto made = make_parents(disk, path, op.durability); !made)
        return decltype(res){fail(made.error())};
      return act();
    }
  return res;
}

/// Adds the sync of the parent directory of `path` to `last`, unless `level` is
/// `none`.
/// @param extent what the operation has written, for its failure.
void sync_name(final_syncs& last, vfs& disk, const std::string& path,
               durability level, const written& extent = {});

/// Like `sync_name`, but follows symbolic links: syncs the directories that
/// hold `path`, each link on the way, and the target of the last one.
void sync_followed_name(final_syncs& last, vfs& disk, const std::string& path,
                        durability level, const written& extent = {});

/// The directories that an operation changes. They are opened before the
/// change, because the paths may lead elsewhere afterwards.
class changed_directories {
public:
  /// Opens and adds the directory that holds `path`, unless the durability of
  /// `op` is `none`. Creates a missing directory if `op` has `parents`.
  template <class Op>
  attempt<void> add(vfs& disk, const std::string& path, const Op& op);

  /// Syncs all directories, in the order in which they were added. Others
  /// cannot use the disk meanwhile, so what follows finds what was there
  /// before.
  attempt<void> sync();

  /// Adds these syncs to `last`. No other member may be called afterwards.
  void sync_last(final_syncs& last);

private:
  struct changed {
    std::string name;
    const std::string& path;
    directory_ptr opened;
  };

  std::vector<changed> all_;
};

/// An open directory and a name in it. It stays the same directory even if its
/// path changes meanwhile.
struct place {
  directory_ptr parent;
  std::string name;
};

/// Opens the directory of `where`; failures name `path`.
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

/// Syncs the directory of `where`; failures name `path`. Others cannot use the
/// disk meanwhile.
attempt<void> sync_place(const place& where, const std::string& path);

/// Adds the sync of the directory of `where` to `last`.
/// @param extent as for `sync_name`.
void sync_place_last(final_syncs& last, place&& where, const std::string& path,
                     written extent = {});

/// Returns whether a rename failed because the file system or the kernel does
/// not support the mode. Only meaningful if both names are known to be valid.
inline bool is_unsupported_rename(int sys_errno) {
  return sys_errno == EINVAL || sys_errno == ENOSYS || sys_errno == EOPNOTSUPP;
}

/// Renames without replacing anything, also on file systems without
/// `rename_mode::keep`. Fails with EEXIST if the new name is in use.
result<void> rename_new(vfs& disk, const directory& from_base,
                        const std::string& from, const directory& to_base,
                        const std::string& to, file_type type);

// -- implementation details ---------------------------------------------------

template <class Op>
attempt<void> changed_directories::add(vfs& disk, const std::string& path,
                                       const Op& op) {
  auto name = parent_of(path);
  if (op.durability == durability::none
      || (!all_.empty() && all_.back().name == name))
    return {};
  auto opened = with_parents(disk, path, op, [&] {
    return disk.open_directory(disk.start(), name, true);
  });
  if (!opened)
    return failed(opened.error(), path);
  all_.push_back({std::move(name), path, std::move(*opened)});
  return {};
}

} // namespace spindle::fs
