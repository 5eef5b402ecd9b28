// Calls all functions of a vfs that take a path.
#pragma once

#include "vfs_disks.hpp"

#include <string>

namespace kit {

/// Calls `check` once for each function that takes a path, with a function that
/// makes the call and returns its errno.
template <class Check>
void for_each_call(disk& on, const Check& check) {
  using namespace spindle::fs;
  using path = const std::string&;
  auto& files = on.files();
  auto& base = on.base();
  auto mode = rename_mode::replace;
  value_of(on.make_directory("existing"));
  check("open", [&](path p) { return error_of(on.open(p)); });
  check("open_directory",
        [&](path p) { return error_of(on.open_directory(p)); });
  check("open_link",
        [&](path p) { return error_of(files.open_link(base, p)); });
  check("stat", [&](path p) { return error_of(on.stat(p)); });
  check("make_directory",
        [&](path p) { return error_of(on.make_directory(p)); });
  check("remove_file", [&](path p) { return error_of(on.remove_file(p)); });
  check("remove_directory",
        [&](path p) { return error_of(on.remove_directory(p)); });
  check("hold", [&](path p) { return error_of(files.hold(base, p)); });
  check("remove_and_hold",
        [&](path p) { return error_of(files.remove_and_hold(base, p)); });
  check("rename from",
        [&](path p) { return error_of(on.rename(p, "new", mode)); });
  check("rename to",
        [&](path p) { return error_of(on.rename("existing", p, mode)); });
  on.put("existing file", "");
  check("make_hard_link from", [&](path p) {
    return error_of(files.make_hard_link(base, p, base, "new"));
  });
  check("make_hard_link to", [&](path p) {
    return error_of(files.make_hard_link(base, "existing file", base, p));
  });
  check("make_link", [&](path p) { return error_of(on.make_link("t", p)); });
  check("read_link", [&](path p) { return error_of(on.read_link(p)); });
  check("set_permissions",
        [&](path p) { return error_of(files.set_permissions(base, p, 0700)); });
  check("set_times", [&](path p) {
    return error_of(files.set_times(base, p, {spindle::file_time{}, {}}, true));
  });
  check("disk_space",
        [&](path p) { return error_of(files.disk_space(base, p)); });
}

} // namespace kit
