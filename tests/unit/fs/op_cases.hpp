// One case for each operation and option, for tests that run all of them.
#pragma once

#include "op_disk.hpp"

#include <functional>
#include <string>
#include <vector>

namespace kit {

/// An operation on a disk with the files of `plant`.
struct op_case {
  std::string name;
  spindle::operation op;
};

/// Creates the files and directories for the cases:
///
///     d/ with f, link and sub/ with g and hard, which is d/f;  e/ with old
///     f "old", g "new", h, link -> f, dangling -> q/new;  q/, empty
///     far/, another device, with f "old" and e/ with old
inline void plant(spindle::fs::memory_vfs& files) {
  auto& start = files.start();
  files.mount("far");
  for (auto name : {"d", "d/sub", "e", "far/e", "p", "q"})
    value_of(files.make_directory(start, name, 0755));
  for (auto name : {"f", "far/f", "e/old", "far/e/old"})
    files.write_file(name, "old");
  for (auto name : {"g", "d/f", "d/sub/g"})
    files.write_file(name, "new");
  value_of(files.make_link("f", start, "link"));
  value_of(files.make_link("f", start, "d/link"));
  value_of(files.make_link("q/new", start, "dangling"));
  value_of(files.make_hard_link(start, "d/f", start, "d/sub/hard"));
  for (auto name : {"g", "d/f"}) {
    auto file = value_of(files.open(start, name, {}));
    value_of(file->set_owner({.user = 12, .group = 34}));
    value_of(file->set_attribute("user.a", "1"));
  }
  files.sync_all();
}

/// Returns the cases. Operations with a durability have the given one. They
/// write "new", and replace only "f", "e", "far/f" or "far/e".
inline std::vector<op_case> op_cases(spindle::durability level) {
  using namespace spindle;
  auto bytes = buffer{"new"};
  std::vector<op_case> res{
    {"directory_exists", directory_exists{"d"}},
    {"directory_create", directory_create{.path = "n", .durability = level}},
    {"directory_create with parents",
     directory_create{.path = "n/m/o", .parents = true, .durability = level}},
    {"directory_create of what exists",
     directory_create{.path = "d", .exist_ok = true, .durability = level}},
    {"directory_delete", directory_delete{.path = "d", .durability = level}},
    {"directory_delete of an empty one",
     directory_delete{.path = "p", .recursive = false, .durability = level}},
    {"directory_contents", directory_contents{"d"}},
    {"directory_walk", directory_walk{.path = "d", .limit = 1}},
    {"file_exists", file_exists{"f"}},
    {"file_create", file_create{.path = "n", .durability = level}},
    {"file_create with parents",
     file_create{.path = "n/m/o", .parents = true, .durability = level}},
    {"file_create over a file",
     file_create{.path = "f", .overwrite = true, .durability = level}},
    {"file_delete", file_delete{"f", level}},
    {"file_read", file_read{"f"}},
    {"file_stat", file_stat{"f"}},
    {"file_truncate", file_truncate{"f", 1, level}},
    {"file_sync", file_sync{"f"}},
    {"file_checksum", file_checksum{"f"}},
    {"file_checksum of a part",
     file_checksum{.path = "f", .offset = 1, .length = 1}},
    {"disk_space", disk_space{"f"}},
    {"symlink_create",
     symlink_create{.path = "n", .target = "f", .durability = level}},
    {"symlink_create over a file",
     symlink_create{
       .path = "f", .target = "g", .overwrite = true, .durability = level}},
    {"symlink_read", symlink_read{"link"}},
    {"set_permissions", set_permissions{"f", 0600, level}},
    {"set_times",
     set_times{.path = "f", .modified = file_time{}, .durability = level}},
  };
  for (size_t i = 0; i < write_mode_count; ++i) {
    auto mode = static_cast<write_mode>(i);
    for (auto path : {"f", "n", "n/m/o", "dangling"})
      if (mode != write_mode::create_new || path[0] == 'n')
        res.push_back({"file_write " + to_string(mode) + " to " + path,
                       file_write{.path = path,
                                  .data = bytes,
                                  .mode = mode,
                                  .parents = true,
                                  .durability = level}});
  }
  for (std::string far : {"", "far/"})
    for (auto overwrite : {false, true}) {
      auto to_file = far + (overwrite ? "f" : "n");
      auto to_dir = far + (overwrite ? "e" : "n");
      auto of = [&](const char* what) { return what + (" to " + to_file); };
      res.push_back(
        {of("file_copy"), file_copy{"g", to_file, overwrite, false, level}});
      res.push_back({of("file_copy of a link"),
                     file_copy{"d/link", to_file, overwrite, false, level}});
      res.push_back({of("file_copy preserving"),
                     file_copy{"g", to_file, overwrite, false, level, true}});
      res.push_back(
        {of("directory_copy preserving"),
         directory_copy{"d", to_dir, overwrite, false, level, true}});
      res.push_back(
        {of("file_move"), file_move{"g", to_file, overwrite, false, level}});
      res.push_back({of("directory_copy"),
                     directory_copy{"d", to_dir, overwrite, false, level}});
      res.push_back({of("directory_move"),
                     directory_move{"d", to_dir, overwrite, false, level}});
      if (!far.empty())
        continue;
      res.push_back({of("file_rename"),
                     file_rename{"g", to_file, overwrite, false, level}});
      res.push_back({of("directory_rename"),
                     directory_rename{"d", to_dir, overwrite, false, level}});
    }
  return res;
}

/// Returns the lines of a dump for `name` and the entries below it, without
/// permissions.
inline std::string part_of(const std::string& dump, const std::string& name) {
  std::string res;
  for (size_t i = 0; i < dump.size();) {
    auto end = dump.find('\n', i) + 1;
    auto line = dump.substr(i, end - i);
    if (line.starts_with(name + ' ') || line.starts_with(name + '/'))
      res += line;
    i = end;
  }
  return res;
}

} // namespace kit
