// Making something under a temporary name, to give it its name when it is
// complete: whoever looks sees the old or the new, never a part.
#pragma once

#include "spindle/fs/failures.hpp"
#include "spindle/fs/names.hpp"
#include "spindle/fs/transfer.hpp"
#include "spindle/fs/vfs.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace spindle::fs {

/// Gives something that is not a directory, and was made beside `where` under a
/// temporary name, the name of `where`, which must be free unless `overwrite`.
/// If that fails, or it was not made as a whole, it is removed.
/// @param path names `where` in failures.
/// @param made whether it was made.
attempt<void> settle_staged(vfs& disk, const place& where,
                            const std::string& name, const std::string& path,
                            bool overwrite, attempt<void> made);

/// A new file on its way to its name. Unless it is committed, it is removed.
class replacement {
public:
  /// Opens a new file beside `path`.
  /// @param permissions before the umask; a file that is replaced leaves its
  ///        own to the new one.
  static attempt<replacement> begin(vfs& disk, const std::string& path,
                                    bool parents, uint32_t permissions,
                                    spindle::durability durability);

  replacement(replacement&&) = default;

  replacement& operator=(replacement&&) = delete;

  ~replacement();

  /// Returns the new file, to be written.
  file& content() {
    return *content_;
  }

  /// Gives the new file its name, in the place of another if there is one. A
  /// symbolic link is replaced, not followed. Does not sync the new file for
  /// `durability::none`. Until the new file is synced, nobody sees a change.
  /// @param last receives the sync of the name.
  /// @param extent what was written, for the failure of that sync. Must outlive
  ///        the coroutine.
  task<attempt<void>> commit(final_syncs& last, slices rests,
                             const written& extent);

  /// Returns the large file that was replaced or discarded, whose disk space
  /// may still be in use. Else null.
  held_ptr take_freed() {
    return std::move(freed_);
  }

  /// Returns whether the new file has its name, even if `commit` failed later.
  bool published() const {
    return published_;
  }

  /// Removes the new file; adds to `why` if that fails.
  void discard(failure& why);

private:
  replacement(vfs& disk, std::string path, spindle::durability durability,
              place where);

  result<void> open(uint32_t permissions);

  task<result<void>> complete(slices rests);

  /// Brings the new file to the device.
  task<result<void>> sync(slices rests);

  /// Notes what the new file will replace, and takes its permissions.
  /// @returns whether the new file must get other permissions.
  result<bool> look_at_old();

  vfs* disk_;
  std::string path_;
  spindle::durability durability_;
  place where_;
  std::string name_;
  /// Permissions of the file to be replaced.
  std::optional<uint32_t> inherited_;
  /// Null when there is nothing to be removed any more.
  file_ptr content_;
  bool published_ = false;
  /// Whether replacing the old file frees the space of a large file.
  bool replaces_much_ = false;
  /// Large file that was replaced or discarded; null if there is none.
  held_ptr freed_;
};

} // namespace spindle::fs
