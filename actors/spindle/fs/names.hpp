// Names in directories: making way for them, giving them, making them durable.
#pragma once

#include "spindle/fs/attempt.hpp"
#include "spindle/fs/path.hpp"
#include "spindle/fs/vfs.hpp"
#include "spindle/ops/operations.hpp"

#include <cerrno>
#include <optional>
#include <string>
#include <utility>
#include <vector>

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
  // Some operations make nothing, and have no such option.
  if constexpr (requires { op.parents; })
    if (!res && op.parents && res.error() == ENOENT) {
      if (auto made = make_parents(disk, path, op.durability); !made)
        return decltype(res){fail(made.error())};
      return act();
    }
  return res;
}

/// Makes the name at the end of `path` durable, if `level` says so.
attempt<void> sync_name(vfs& disk, const std::string& path, durability level);

/// Like `sync_name`, for what was reached by following `path`: if that is a
/// symbolic link, what it leads to has its name in another directory, and each
/// link on the way in one more.
attempt<void> sync_followed_name(vfs& disk, const std::string& path,
                                 durability level);

/// Directories in which a change takes place, opened before it: afterwards the
/// paths might not lead to them any more.
class changed_directories {
public:
  /// Adds the directory that holds `path`, if what `op` is to do to it must be
  /// durable; makes it if it is missing and `op` says `parents`.
  template <class Op>
  attempt<void> add(vfs& disk, const std::string& path, const Op& op);

  /// Makes the names in all of them durable, in the order of adding.
  attempt<void> sync();

private:
  struct changed {
    std::string name;
    const std::string& path;
    directory_ptr opened;
  };

  std::vector<changed> all_;
};

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

/// Returns whether a rename failed because the file system or the system lacks
/// the mode. Both names must be known to be good.
inline bool is_unsupported_rename(int sys_errno) {
  return sys_errno == EINVAL || sys_errno == ENOSYS || sys_errno == EOPNOTSUPP;
}

/// Renames without replacing anything, also on file systems that lack
/// `rename_mode::keep`. EEXIST if the new name is in use.
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
