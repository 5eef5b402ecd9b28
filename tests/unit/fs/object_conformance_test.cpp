// Tests the attributes of open files, directories and symbolic links on every
// file system.

#include "catch.hpp"
#include "vfs_disks.hpp"

#include <algorithm>

#include <unistd.h>

using namespace spindle;
using namespace spindle::fs;

using kit::error_of;
using kit::value_of;

namespace {

/// Returns whether the process may change owners and attributes of links.
bool may_do_all(const kit::disk&) {
  return ::geteuid() == 0;
}

/// Returns the names of attributes, except those that a system sets itself.
std::vector<std::string> names_of(open_object& what) {
  auto res = value_of(what.attribute_names());
  std::erase_if(res,
                [](const auto& name) { return name.starts_with("security."); });
  std::sort(res.begin(), res.end());
  return res;
}

} // namespace

TEST_CASE("the owner of an open object can be changed") {
  ON_EACH_DISK(on);
  if (!may_do_all(on))
    return;
  on.put("f", "");
  value_of(on.make_directory("d"));
  value_of(on.make_link("f", "l"));
  auto file = value_of(on.open("f"));
  auto directory = value_of(on.open_directory("d"));
  auto link = value_of(on.files().open_link(on.base(), "l"));
  for (auto* what : {static_cast<open_object*>(file.get()),
                     static_cast<open_object*>(directory.get()), link.get()}) {
    value_of(what->set_owner({.user = 12, .group = 34}));
    CHECK(what->stat()->user == 12);
    CHECK(what->stat()->group == 34);
    value_of(what->set_owner({.user = 13, .group = {}}));
    value_of(what->set_owner({.user = {}, .group = 35}));
    value_of(what->set_owner({}));
    CHECK(what->stat()->user == 13);
    CHECK(what->stat()->group == 35);
  }
  CHECK(on.stat("f")->user == 13);
  CHECK(on.stat("l", false)->group == 35);
}

TEST_CASE("a change of owner clears the set-user-ID and set-group-ID bits") {
  ON_EACH_DISK(on);
  if (!may_do_all(on))
    return;
  on.put("f", "");
  auto file = value_of(on.open("f"));
  value_of(file->set_permissions(06755));
  value_of(file->set_owner({.user = 12, .group = 34}));
  CHECK(file->stat()->permissions == 0755);
}

TEST_CASE(
  "permissions of an open file or directory can be set, not those of a link") {
  ON_EACH_DISK(on);
  on.put("f", "");
  value_of(on.make_directory("d"));
  value_of(on.make_link("f", "l"));
  auto directory = value_of(on.open_directory("d"));
  // Without the x bit, not even its owner can access entries by a path.
  value_of(directory->set_permissions(0400));
  value_of(directory->set_permissions(01700));
  CHECK(on.stat("d")->permissions == 01700);
  auto link = value_of(on.files().open_link(on.base(), "l"));
  CHECK(error_of(link->set_permissions(0700)) == EOPNOTSUPP);
}

TEST_CASE("entries created in a setgid directory belong to its group") {
  ON_EACH_DISK(on);
  if (!may_do_all(on))
    return;
  value_of(on.make_directory("d"));
  auto directory = value_of(on.open_directory("d"));
  value_of(directory->set_owner({.user = {}, .group = 34}));
  value_of(directory->set_permissions(02755));
  on.put("d/f", "");
  value_of(on.make_directory("d/e"));
  CHECK(on.stat("d/f")->group == 34);
  CHECK(on.stat("d/f")->permissions == 0644);
  CHECK(on.stat("d/e")->group == 34);
  CHECK(on.stat("d/e")->permissions == 02755);
}

TEST_CASE("files and directories have extended attributes") {
  ON_EACH_DISK(on);
  on.put("f", "");
  value_of(on.make_directory("d"));
  auto file = value_of(on.open("f"));
  auto directory = value_of(on.open_directory("d"));
  for (auto* what : {static_cast<open_object*>(file.get()),
                     static_cast<open_object*>(directory.get())}) {
    // Some file systems, such as old tmpfs, have no user attributes.
    auto set = what->set_attribute("user.a", "1");
    if (error_of(set) == EOPNOTSUPP)
      return;
    value_of(set);
    value_of(what->set_attribute("user.b", std::string{"2\0\xff", 3}));
    value_of(what->set_attribute("user.long", std::string(2000, 'x')));
    value_of(what->set_attribute("user.none", ""));
    CHECK(names_of(*what)
          == std::vector<std::string>{"user.a", "user.b", "user.long",
                                      "user.none"});
    CHECK(what->attribute("user.a") == "1");
    CHECK(what->attribute("user.b") == std::string{"2\0\xff", 3});
    CHECK(what->attribute("user.long")->size() == 2000);
    CHECK(what->attribute("user.none") == "");
    value_of(what->set_attribute("user.a", "3"));
    CHECK(what->attribute("user.a") == "3");
    value_of(what->remove_attribute("user.b"));
    CHECK(error_of(what->attribute("user.b")) == ENODATA);
    CHECK(error_of(what->remove_attribute("user.b")) == ENODATA);
    CHECK(error_of(what->set_attribute("strange.a", "1")) == EOPNOTSUPP);
    CHECK(error_of(what->set_attribute("", "1")) == ERANGE);
    CHECK(error_of(what->set_attribute("user." + std::string(255, 'n'), ""))
          == ERANGE);
    CHECK(error_of(what->set_attribute("user.x", std::string(70'000, 'x')))
          == E2BIG);
    CHECK(error_of(what->set_attribute(std::string{"user.\0x", 7}, ""))
          == EINVAL);
  }
}

TEST_CASE("a link has no user attributes") {
  ON_EACH_DISK(on);
  on.put("f", "");
  value_of(on.make_link("f", "l"));
  auto link = value_of(on.files().open_link(on.base(), "l"));
  CHECK(names_of(*link).empty());
  CHECK(error_of(link->set_attribute("user.a", "1")) == EPERM);
  if (may_do_all(on) && error_of(link->set_attribute("trusted.a", "1")) == 0) {
    CHECK(link->attribute("trusted.a") == "1");
    CHECK(names_of(*link) == std::vector<std::string>{"trusted.a"});
    value_of(link->remove_attribute("trusted.a"));
  }
  auto file = value_of(on.open("f"));
  CHECK(names_of(*file).empty());
}

TEST_CASE("only a link is opened as a link") {
  ON_EACH_DISK(on);
  on.put("f", "");
  value_of(on.make_directory("d"));
  value_of(on.make_link("d", "to-d"));
  value_of(on.make_link("none", "dangling"));
  auto opened = [&](const std::string& path) {
    return error_of(on.files().open_link(on.base(), path));
  };
  CHECK(opened("to-d") == 0);
  CHECK(opened("dangling") == 0);
  CHECK(opened("to-d/") == EINVAL);
  CHECK(opened("f") == EINVAL);
  CHECK(opened("d") == EINVAL);
  CHECK(opened("none") == ENOENT);
  auto link = value_of(on.files().open_link(on.base(), "to-d"));
  CHECK(link->stat()->inode == on.stat("to-d", false)->inode);
}
