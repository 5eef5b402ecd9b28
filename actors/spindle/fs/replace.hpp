// Making something under a temporary name, to give it its name when it is
// complete: whoever looks sees the old or the new, never a part.
#pragma once

#include "spindle/fs/attempt.hpp"
#include "spindle/fs/names.hpp"
#include "spindle/fs/transfer.hpp"
#include "spindle/fs/vfs.hpp"

#include <cstdint>
#include <functional>
#include <string>

namespace spindle::fs {

/// Makes something that is not a directory under the given name.
using maker = std::function<attempt<void>(const std::string& name)>;

/// Lets `make` make something beside `where`, and renames it to `where`, which
/// must be free unless `overwrite`. If anything fails, what was made is removed
/// again.
/// @param path names `where` in failures.
attempt<void> stage(vfs& disk, const place& where, const std::string& path,
                    bool overwrite, const maker& make);

/// How to make a file as a whole.
struct new_file {
  const std::string& path;
  bool parents;
  /// Before the umask; a file that is replaced leaves its own to the new one.
  uint32_t permissions;
  spindle::durability durability;
  /// Writes the content.
  std::function<progress(file&)> fill;
};

/// Makes a file, atomically, in the place of another if there is one. A
/// symbolic link is replaced, not followed.
attempt<void> replace_file(vfs& disk, const new_file& what);

} // namespace spindle::fs
