// What a read-only rooted_vfs refuses.

#include "catch.hpp"
#include "failure_of.hpp"
#include "op_cases.hpp"
#include "site.hpp"

#include <set>

using namespace spindle;
using namespace spindle::fs;

using kit::error_of;
using kit::site;
using kit::value_of;

namespace {

bool changes(const operation& op) {
  return std::visit(
    []<class Op>(const Op&) {
      constexpr bool has_durability = requires(Op x) {
        x.durability;
      };
      return has_durability && !std::is_same_v<Op, file_sync>;
    },
    op);
}

/// Creates the files for `op_cases`, on a single device.
void plant(vfs& files) {
  auto& start = files.start();
  for (auto name : {"far", "d", "d/sub", "e", "far/e", "p"})
    value_of(files.make_directory(start, name, 0755));
  for (auto name : {"f", "far/f", "e/old", "far/e/old", "g", "d/f", "d/sub/g"})
    value_of(value_of(files.open(start, name, {.write = true, .create = true}))
               ->write(kit::bytes_of("old")));
  value_of(files.make_link("f", start, "link"));
  value_of(files.make_link("f", start, "d/link"));
}

} // namespace

TEST_CASE("no call changes a read-only disk") {
  site on{access_mode::read_only};
  auto& files = on.files();
  auto& root = on.root();
  auto before = on.dump();
  // Also if the path has other errors.
  for (std::string path : {"f", "new", "d", "../outside/f", "/", ""}) {
    CAPTURE(path);
    for (open_options how :
         {open_options{.write = true}, open_options{.create = true},
          open_options{.truncate = true},
          open_options{.read = false, .write = true, .append = true}})
      CHECK(error_of(files.open(root, path, how)) == EROFS);
    CHECK(error_of(files.make_directory(root, path, 0755)) == EROFS);
    CHECK(error_of(files.remove_file(root, path)) == EROFS);
    CHECK(error_of(files.remove_and_hold(root, path)) == EROFS);
    CHECK(error_of(files.remove_directory(root, path)) == EROFS);
    for (auto mode :
         {rename_mode::keep, rename_mode::replace, rename_mode::exchange}) {
      CHECK(error_of(files.rename(root, path, root, "x", mode)) == EROFS);
      CHECK(error_of(files.rename(root, "f", root, path, mode)) == EROFS);
    }
    CHECK(error_of(files.make_link("x", root, path)) == EROFS);
    CHECK(error_of(files.make_hard_link(root, path, root, "x")) == EROFS);
    CHECK(error_of(files.make_hard_link(root, "f", root, path)) == EROFS);
    CHECK(error_of(files.set_permissions(root, path, 0777)) == EROFS);
    for (auto follow : {false, true})
      CHECK(error_of(files.set_times(root, path, {file_time{}, {}}, follow))
            == EROFS);
  }
  CHECK(on.dump() == before);
}

TEST_CASE("an open file of a read-only disk cannot be changed") {
  site on{access_mode::read_only};
  auto before = on.dump();
  auto file = value_of(on.files().open(on.root(), "f", {}));
  CHECK(kit::read_text(*file, 100) == "root/f");
  CHECK(error_of(file->write(kit::bytes_of("x"))) == EBADF);
  CHECK(error_of(file->write_at(0, kit::bytes_of("x"))) == EBADF);
  CHECK(error_of(file->truncate(0)) == EINVAL);
  CHECK(error_of(file->set_permissions(0777)) == EROFS);
  CHECK(error_of(file->set_times({file_time{}, file_time{}})) == EROFS);
  CHECK(error_of(file->copy_from(*file, 0, 10, 1)) == EBADF);
  CHECK(error_of(file->sync(sync_mode::full)) == 0);
  auto directory = value_of(on.files().open_directory(on.root(), "d", true));
  CHECK(error_of(directory->sync()) == 0);
  CHECK(error_of(file->punch_hole(0, 1)) == EBADF);
  auto refuses = [](open_object& what) {
    CHECK(error_of(what.set_permissions(0777)) == EROFS);
    CHECK(error_of(what.set_owner({})) == EROFS);
    CHECK(error_of(what.set_attribute("user.x", "y")) == EROFS);
    CHECK(error_of(what.remove_attribute("user.x")) == EROFS);
    CHECK(error_of(what.stat()) == 0);
  };
  refuses(*file);
  refuses(*directory);
  CHECK(on.dump() == before);
}

TEST_CASE("a link of a read-only disk cannot be changed") {
  kit::temp_dir dir;
  auto writable = kit::rooted_at(dir.path());
  value_of(writable->make_link("x", writable->start(), "link"));
  auto files = kit::rooted_at(dir.path(), access_mode::read_only);
  auto link = value_of(files->open_link(files->start(), "link"));
  CHECK(error_of(link->set_owner({})) == EROFS);
  CHECK(error_of(link->set_attribute("trusted.x", "y")) == EROFS);
  CHECK(link->stat()->type == file_type::symlink);
}

TEST_CASE("no operation changes a read-only disk") {
  auto level = GENERATE(durability::none, durability::full);
  kit::temp_dir dir;
  auto writable = kit::rooted_at(dir.path());
  plant(*writable);
  auto root = value_of(writable->open_directory(writable->start(), ".", true));
  auto before = dump_of(*writable, *root);
  auto files = kit::rooted_at(dir.path(), access_mode::read_only);
  std::set<size_t> kinds;
  for (auto& [name, op] : kit::op_cases(level)) {
    CAPTURE(name);
    kinds.insert(op.index());
    auto why = kit::failure_of(execute(*files, op));
    CHECK(why.sys_errno == (changes(op) ? EROFS : 0));
  }
  CHECK(kinds.size() == operation_kinds);
  root = value_of(writable->open_directory(writable->start(), ".", true));
  CHECK(dump_of(*writable, *root) == before);
}
