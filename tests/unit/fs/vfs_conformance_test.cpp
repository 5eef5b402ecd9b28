// Tests the functions of every vfs and their errors. file_conformance_test.cpp
// tests open files.

#include "catch.hpp"
#include "vfs_calls.hpp"

#include "spindle/fs/testing/dump.hpp"

#include <set>

using namespace spindle;
using namespace spindle::fs;

using kit::error_of;
using kit::for_each_call;
using kit::value_of;

// -- paths --------------------------------------------------------------------

TEST_CASE("each call refuses invalid paths") {
  ON_EACH_DISK(on);
  on.put("file", "");
  value_of(on.make_link("loop", "loop"));
  auto long_name = std::string(256, 'n');
  std::string long_path;
  while (long_path.size() <= 4095)
    long_path += "./";
  for_each_call(on, [&](const char* name, auto call) {
    CAPTURE(name);
    CHECK(call("") == ENOENT);
    CHECK(call(std::string{"x\0y", 3}) == EINVAL);
    CHECK(call(std::string{"\0", 1}) == EINVAL);
    CHECK(call("missing/x") == ENOENT);
    CHECK(call("file/x") == ENOTDIR);
    CHECK(call("loop/x") == ELOOP);
    CHECK(call(long_name) == ENAMETOOLONG);
    CHECK(call(long_name + "/x") == ENAMETOOLONG);
    CHECK(call(long_path) == ENAMETOOLONG);
  });
}

TEST_CASE("names and paths of the maximum length are accepted") {
  ON_EACH_DISK(on);
  auto name = std::string(255, 'n');
  on.put(name, "1");
  std::string path = name;
  while (path.size() + 2 <= 4095)
    path = "./" + path;
  CHECK(on.get(path) == "1");
}

TEST_CASE("names may be any bytes") {
  ON_EACH_DISK(on);
  for (auto name : {"\xff\xfe", "a\nb", " ", "...", "\\", "*"}) {
    on.put(name, name);
    CHECK(on.get(name) == name);
  }
  CHECK(kit::read_entries(on.base())->size() == 6);
}

TEST_CASE("absolute paths start at the root, and others at the base") {
  ON_EACH_DISK(on);
  value_of(on.make_directory("d"));
  on.put("d/f", "1");
  auto inner = value_of(on.open_directory("d"));
  CHECK(on.get(on.path() + "/d/f") == "1");
  CHECK(error_of(on.files().open(*inner, "f", {})) == 0);
  CHECK(error_of(on.files().open(*inner, "d/f", {})) == ENOENT);
  // rooted_vfs_test.cpp tests confined disks.
  if (on.is_confined())
    return;
  CHECK(error_of(on.files().open(*inner, "../d/f", {})) == 0);
  CHECK(error_of(on.files().open(*inner, on.path() + "/d/f", {})) == 0);
}

TEST_CASE("up to forty links in a path are followed") {
  ON_EACH_DISK(on);
  value_of(on.make_directory("d"));
  on.put("d/f", "1");
  value_of(on.make_link("d", "0"));
  for (int i = 1; i <= 40; ++i)
    value_of(on.make_link(std::to_string(i - 1), std::to_string(i)));
  CHECK(on.get("39/f") == "1");
  CHECK(error_of(on.open("40/f")) == ELOOP);
  CHECK(error_of(on.stat("40", false)) == 0);
  CHECK(error_of(on.stat("40", true)) == ELOOP);
}

TEST_CASE("links may be absolute, contain \"..\", and be dangling") {
  ON_EACH_DISK(on);
  value_of(on.make_directory("d"));
  on.put("f", "1");
  value_of(on.make_link(on.path() + "/f", "absolute"));
  value_of(on.make_link("../f", "d/up"));
  value_of(on.make_link("nothing", "dangling"));
  CHECK(on.get("absolute") == "1");
  CHECK(on.get("d/up") == "1");
  CHECK(error_of(on.open("dangling")) == ENOENT);
  CHECK(on.stat("dangling", false)->type == file_type::symlink);
  on.put("dangling", "2");
  CHECK(on.get("nothing") == "2");
}

// -- opening ------------------------------------------------------------------

TEST_CASE("open creates a file only on request") {
  ON_EACH_DISK(on);
  CHECK(error_of(on.open("f", {.write = true})) == ENOENT);
  CHECK(error_of(on.open("f", {.write = true, .create = true})) == 0);
  CHECK(error_of(on.open("f", {.write = true, .create = true})) == 0);
  open_options exclusive{.write = true, .create = true, .exclusive = true};
  CHECK(error_of(on.open("f", exclusive)) == EEXIST);
  CHECK(error_of(on.open("g", exclusive)) == 0);
  CHECK(error_of(on.open("h/", {.write = true, .create = true})) == EISDIR);
  value_of(on.make_link("nothing", "l"));
  CHECK(error_of(on.open("l", exclusive)) == EEXIST);
  CHECK(dump_of(on.files(), on.base())
        == "f 644 \"\"\ng 644 \"\"\nl -> nothing\n");
}

TEST_CASE("open truncates only on request") {
  ON_EACH_DISK(on);
  on.put("f", "content");
  value_of(on.open("f", {.write = true}));
  CHECK(on.get("f") == "content");
  value_of(on.open("f", {.write = true, .truncate = true}));
  CHECK(on.get("f") == "");
}

TEST_CASE("open follows a final link only on request") {
  ON_EACH_DISK(on);
  on.put("f", "1");
  value_of(on.make_link("f", "l"));
  CHECK(error_of(on.open("l")) == 0);
  CHECK(error_of(on.open("l", {.follow = false})) == ELOOP);
  CHECK(error_of(on.open("l", {.write = true, .create = true, .follow = false}))
        == ELOOP);
  CHECK(error_of(on.open("f", {.follow = false})) == 0);
}

TEST_CASE("open for neither reading nor writing is refused") {
  ON_EACH_DISK(on);
  on.put("f", "1");
  CHECK(error_of(on.open("f", {.read = false})) == EINVAL);
}

TEST_CASE("a directory cannot be opened as a file") {
  ON_EACH_DISK(on);
  value_of(on.make_directory("d"));
  CHECK(error_of(on.open("d", {.write = true})) == EISDIR);
  CHECK(error_of(on.open("d", {.create = true})) == EISDIR);
  CHECK(error_of(on.open("d", {.truncate = true})) == EISDIR);
  auto opened = value_of(on.open("d"));
  CHECK(error_of(kit::read_text(*opened, 10)) == EISDIR);
  CHECK(error_of(kit::read_text(*opened, 10, 0)) == EISDIR);
  CHECK(error_of(opened->write(kit::bytes_of("x"))) == EBADF);
  CHECK(error_of(opened->truncate(0)) == EINVAL);
  CHECK(opened->stat()->type == file_type::directory);
  CHECK(error_of(opened->sync(sync_mode::full)) == 0);
}

TEST_CASE("only a directory is opened as a directory") {
  ON_EACH_DISK(on);
  value_of(on.make_directory("d"));
  on.put("f", "");
  value_of(on.make_link("d", "l"));
  CHECK(error_of(on.open_directory("d", false)) == 0);
  CHECK(error_of(on.open_directory("f")) == ENOTDIR);
  CHECK(error_of(on.open_directory("l", true)) == 0);
  CHECK(error_of(on.open_directory("l", false)) == ENOTDIR);
  CHECK(error_of(on.open_directory("missing")) == ENOENT);
}

// -- directories --------------------------------------------------------------

TEST_CASE("a directory lists each of its entries once") {
  ON_EACH_DISK(on);
  std::set<std::string> expected;
  for (int i = 0; i < 1000; ++i) {
    auto name = "a rather long name so that one block is not enough "
              + std::to_string(i);
    on.put(name, "");
    expected.insert(name);
  }
  std::set<std::string> found;
  auto entries = value_of(kit::read_entries(on.base()));
  for (auto& entry : entries)
    found.insert(entry.name);
  CHECK(entries.size() == 1000);
  CHECK(found == expected);
  CHECK(kit::read_entries(on.base())->empty());
}

TEST_CASE("entries have types") {
  ON_EACH_DISK(on);
  value_of(on.make_directory("directory"));
  on.put("file", "");
  on.make_fifo("fifo");
  value_of(on.make_link("file", "link"));
  CHECK(value_of(kit::read_entries(on.base()))
        == directory_listing{{"directory", file_type::directory},
                             {"fifo", file_type::fifo},
                             {"file", file_type::file},
                             {"link", file_type::symlink}});
}

TEST_CASE("a removed directory that is open is empty") {
  ON_EACH_DISK(on);
  value_of(on.make_directory("d"));
  auto opened = value_of(on.open_directory("d"));
  value_of(on.remove_directory("d"));
  CHECK(error_of(kit::read_entries(*opened)) == ENOENT);
  CHECK(error_of(on.files().make_directory(*opened, "x", 0755)) == ENOENT);
  CHECK(error_of(on.files().open(*opened, "x", {.write = true, .create = true}))
        == ENOENT);
  CHECK(error_of(on.files().stat(*opened, ".", true)) == 0);
  CHECK(error_of(opened->stat()) == 0);
}

TEST_CASE("an open directory stays the same when it is renamed") {
  ON_EACH_DISK(on);
  value_of(on.make_directory("d"));
  auto opened = value_of(on.open_directory("d"));
  value_of(on.rename("d", "e"));
  value_of(on.files().make_directory(*opened, "x", 0755));
  CHECK(error_of(on.stat("e/x")) == 0);
  CHECK(error_of(opened->sync()) == 0);
}

TEST_CASE("make_directory fails if the entry exists") {
  ON_EACH_DISK(on);
  on.put("f", "");
  value_of(on.make_link("nothing", "l"));
  CHECK(error_of(on.make_directory("d")) == 0);
  for (auto path : {"d", "d/", "f", "l", ".", "..", "d/."})
    CHECK(error_of(on.make_directory(path)) == EEXIST);
  CHECK(error_of(on.make_directory("/"))
        == (on.is_confined() ? EACCES : EEXIST));
  CHECK(error_of(on.make_directory("e/")) == 0);
}

TEST_CASE("remove_directory removes empty directories only") {
  ON_EACH_DISK(on);
  value_of(on.make_directory("d"));
  on.put("d/f", "");
  value_of(on.make_link("d", "l"));
  CHECK(error_of(on.remove_directory("d")) == ENOTEMPTY);
  CHECK(error_of(on.remove_directory("d/f")) == ENOTDIR);
  CHECK(error_of(on.remove_directory("l")) == ENOTDIR);
  CHECK(error_of(on.remove_directory("missing")) == ENOENT);
  CHECK(error_of(on.remove_directory("d/.")) == EINVAL);
  CHECK(error_of(on.remove_directory("d/..")) == ENOTEMPTY);
  value_of(on.remove_file("d/f"));
  CHECK(error_of(on.remove_directory("d/")) == 0);
  CHECK(error_of(on.stat("d")) == ENOENT);
}

TEST_CASE("remove_file removes anything but directories") {
  ON_EACH_DISK(on);
  value_of(on.make_directory("d"));
  on.put("f", "");
  on.make_fifo("p");
  value_of(on.make_link("d", "l"));
  CHECK(error_of(on.remove_file("d")) == EISDIR);
  CHECK(error_of(on.remove_file("d/.")) == EISDIR);
  CHECK(error_of(on.remove_file("f/")) == ENOTDIR);
  CHECK(error_of(on.remove_file("missing")) == ENOENT);
  for (auto path : {"f", "p", "l"})
    CHECK(error_of(on.remove_file(path)) == 0);
  CHECK(dump_of(on.files(), on.base()) == "d/ 755\n");
}

// -- renaming -----------------------------------------------------------------

TEST_CASE("rename replaces an entry of the same kind") {
  ON_EACH_DISK(on);
  on.put("f", "1");
  on.put("g", "2");
  value_of(on.make_directory("d"));
  value_of(on.make_directory("e"));
  on.put("e/x", "");
  CHECK(error_of(on.rename("f", "g")) == 0);
  CHECK(on.get("g") == "1");
  CHECK(error_of(on.rename("e", "d")) == 0);
  CHECK(error_of(on.stat("d/x")) == 0);
  CHECK(error_of(on.rename("g", "d")) == EISDIR);
  CHECK(error_of(on.rename("d", "g")) == ENOTDIR);
  value_of(on.make_directory("e"));
  CHECK(error_of(on.rename("e", "d")) == ENOTEMPTY);
  CHECK(error_of(on.rename("missing", "x")) == ENOENT);
  CHECK(error_of(on.rename("g", "missing/x")) == ENOENT);
  CHECK(error_of(on.rename("g", "g")) == 0);
  CHECK(error_of(on.rename("g", "h/")) == ENOTDIR);
  CHECK(error_of(on.rename("d/.", "x")) == EBUSY);
}

TEST_CASE("rename does not follow links") {
  ON_EACH_DISK(on);
  on.put("f", "1");
  on.put("g", "2");
  value_of(on.make_link("f", "l"));
  value_of(on.rename("l", "m"));
  CHECK(on.read_link("m") == "f");
  value_of(on.rename("g", "m"));
  CHECK(on.get("m") == "2");
  CHECK(on.get("f") == "1");
}

TEST_CASE("rename can refuse to replace an entry") {
  ON_EACH_DISK(on);
  on.put("f", "1");
  on.put("g", "2");
  CHECK(error_of(on.rename("f", "g", rename_mode::keep)) == EEXIST);
  CHECK(on.get("g") == "2");
  CHECK(error_of(on.rename("f", "h", rename_mode::keep)) == 0);
  CHECK(on.get("h") == "1");
  CHECK(error_of(on.stat("f")) == ENOENT);
}

TEST_CASE("rename can exchange two entries of any kind") {
  ON_EACH_DISK(on);
  on.put("f", "1");
  value_of(on.make_directory("d"));
  on.put("d/x", "2");
  CHECK(error_of(on.rename("f", "d", rename_mode::exchange)) == 0);
  CHECK(on.get("d") == "1");
  CHECK(on.get("f/x") == "2");
  CHECK(error_of(on.rename("d", "missing", rename_mode::exchange)) == ENOENT);
  CHECK(error_of(on.rename("f", "f/x", rename_mode::exchange)) == EINVAL);
  CHECK(error_of(on.rename("f/x", "f", rename_mode::exchange)) == EINVAL);
  CHECK(on.get("f/x") == "2");
}

TEST_CASE("no directory can be moved into itself") {
  ON_EACH_DISK(on);
  value_of(on.make_directory("d"));
  value_of(on.make_directory("d/e"));
  value_of(on.make_link("d", "l"));
  CHECK(error_of(on.rename("d", "d/x")) == EINVAL);
  CHECK(error_of(on.rename("d", "d/e/x")) == EINVAL);
  CHECK(error_of(on.rename("d", "l/e/x")) == EINVAL);
  CHECK(error_of(on.rename("d/e", "d")) == ENOTEMPTY);
  CHECK(error_of(on.rename("d/e", "x")) == 0);
  CHECK(error_of(on.rename("d", "x/d")) == 0);
}

TEST_CASE("rename works between different bases") {
  ON_EACH_DISK(on);
  value_of(on.make_directory("d"));
  value_of(on.make_directory("e"));
  on.put("d/f", "1");
  auto d = value_of(on.open_directory("d"));
  auto e = value_of(on.open_directory("e"));
  CHECK(error_of(on.files().rename(*d, "f", *e, "g", rename_mode::replace))
        == 0);
  CHECK(on.get("e/g") == "1");
}

// -- hard links ---------------------------------------------------------------

TEST_CASE("a hard link is another name of the same file") {
  ON_EACH_DISK(on);
  auto& files = on.files();
  value_of(on.make_directory("d"));
  on.put("f", "1");
  auto link = [&](const std::string& from, const std::string& to) {
    return error_of(files.make_hard_link(on.base(), from, on.base(), to));
  };
  CHECK(link("f", "d/g") == 0);
  auto first = value_of(on.stat("f"));
  auto second = value_of(on.stat("d/g"));
  CHECK(first.inode == second.inode);
  CHECK(second.links == 2);
  on.put("d/g", "2");
  CHECK(on.get("f") == "2");
  value_of(on.remove_file("f"));
  CHECK(on.get("d/g") == "2");
  CHECK(on.stat("d/g")->links == 1);
  CHECK(link("d/g", "f") == 0);
  // As specified for rename(2), this does nothing: both names are one file.
  CHECK(error_of(on.rename("f", "d/g")) == 0);
  CHECK(error_of(on.rename("f", "d/g", rename_mode::exchange)) == 0);
  CHECK(on.stat("f")->links == 2);
}

TEST_CASE("a hard link to a link is a link") {
  ON_EACH_DISK(on);
  auto& files = on.files();
  on.put("f", "1");
  value_of(on.make_link("f", "l"));
  value_of(files.make_hard_link(on.base(), "l", on.base(), "m"));
  CHECK(on.read_link("m") == "f");
  CHECK(on.stat("l", false)->links == 2);
  CHECK(on.stat("f")->links == 1);
}

TEST_CASE("make_hard_link refuses existing targets, and directories") {
  ON_EACH_DISK(on);
  auto& files = on.files();
  auto link = [&](const std::string& from, const std::string& to) {
    return error_of(files.make_hard_link(on.base(), from, on.base(), to));
  };
  value_of(on.make_directory("d"));
  on.put("f", "1");
  value_of(on.make_link("nothing", "l"));
  for (auto path : {"d", "f", "l", "d/."})
    CHECK(link("f", path) == EEXIST);
  CHECK(link("d", "e") == EPERM);
  CHECK(link("d", "f") == EEXIST);
  CHECK(link("f", "g/") == ENOENT);
  CHECK(link("f/", "g") == ENOTDIR);
  CHECK(link("missing", "g") == ENOENT);
}

// -- links and properties -----------------------------------------------------

TEST_CASE("read_link returns the text of a link") {
  ON_EACH_DISK(on);
  on.put("f", "");
  auto longest = std::string(4095, 'x');
  for (const std::string& target : {std::string{"f"}, std::string{"a//b/../"},
                                    std::string{"\xff"}, longest}) {
    CHECK(error_of(on.make_link(target, "l")) == 0);
    CHECK(on.read_link("l") == target);
    CHECK(on.stat("l", false)->size == target.size());
    value_of(on.remove_file("l"));
  }
  CHECK(error_of(on.make_link("", "l")) == ENOENT);
  CHECK(error_of(on.make_link(longest + "x", "l")) == ENAMETOOLONG);
  CHECK(error_of(on.make_link(std::string{"a\0b", 3}, "l")) == EINVAL);
  CHECK(error_of(on.make_link("f", "f")) == EEXIST);
  CHECK(error_of(on.make_link("f", "l/")) == ENOENT);
  CHECK(error_of(on.read_link("f")) == EINVAL);
}

TEST_CASE("stat returns the attributes of the entry at a path") {
  ON_EACH_DISK(on);
  on.put("f", "12345");
  value_of(on.make_link("f", "l"));
  auto file = value_of(on.stat("f"));
  CHECK(file.type == file_type::file);
  CHECK(file.size == 5);
  CHECK(file.links == 1);
  CHECK(file.permissions == 0644);
  auto followed = value_of(on.stat("l"));
  CHECK(followed.inode == file.inode);
  CHECK(followed.device == file.device);
  auto link = value_of(on.stat("l", false));
  CHECK(link.type == file_type::symlink);
  CHECK(link.inode != file.inode);
  CHECK(error_of(on.stat("f/")) == ENOTDIR);
  CHECK(error_of(on.stat("missing")) == ENOENT);
}

TEST_CASE("permissions are set through links") {
  ON_EACH_DISK(on);
  on.put("f", "");
  value_of(on.make_link("f", "l"));
  value_of(on.files().set_permissions(on.base(), "l", 0640));
  CHECK(on.stat("f")->permissions == 0640);
  value_of(value_of(on.open("f"))->set_permissions(0600));
  CHECK(on.stat("f")->permissions == 0600);
  value_of(on.make_directory("d", 01777));
  CHECK(on.stat("d")->permissions == 01755);
}

TEST_CASE("times are set individually, also before the epoch") {
  ON_EACH_DISK(on);
  on.put("f", "");
  value_of(on.make_link("f", "l"));
  auto first = file_time{std::chrono::nanoseconds{-1'500'000'000}};
  auto second = file_time{std::chrono::nanoseconds{1'600'000'000'123'456'789}};
  auto& files = on.files();
  value_of(files.set_times(on.base(), "f", {first, second}, true));
  CHECK(on.stat("f")->accessed == first);
  CHECK(on.stat("f")->modified == second);
  value_of(files.set_times(on.base(), "l", {second, {}}, true));
  CHECK(on.stat("f")->accessed == second);
  CHECK(on.stat("f")->modified == second);
  value_of(files.set_times(on.base(), "l", {{}, first}, false));
  CHECK(on.stat("l", false)->modified == first);
  CHECK(on.stat("f")->modified == second);
  value_of(value_of(on.open("f"))->set_times({{}, first}));
  CHECK(on.stat("f")->modified == first);
  CHECK(error_of(files.set_times(on.base(), "missing", {}, true)) == 0);
}

TEST_CASE("disk_space returns plausible sizes") {
  ON_EACH_DISK(on);
  on.put("f", "");
  value_of(on.make_link("f", "l"));
  auto space = value_of(on.files().disk_space(on.base(), "l"));
  CHECK(space.capacity > 0);
  CHECK(space.free <= space.capacity);
  CHECK(space.available <= space.free);
}
