// Operations on one directory: exists, create, delete, list.

#include "catch.hpp"
#include "failure_of.hpp"
#include "op_disk.hpp"

using namespace spindle;
using namespace spindle::fs;
using namespace std::literals;
using kit::code_of;
using kit::failure_of;
using kit::output_of;

namespace {

/// Creates entries of all types below "top".
void plant(kit::op_disk& d) {
  for (auto name : {"top", "top/a", "top/a/b", "top/empty"})
    kit::value_of(d.make_directory(name));
  d.put("top/f", "1");
  d.put("top/a/f", "2");
  d.put("top/a/b/\xff\xfe no utf-8\n", "3");
  d.make_fifo("top/a/pipe");
  kit::value_of(d.make_link("..", "top/up"));
  kit::value_of(d.make_link("nowhere", "top/dangling"));
}

} // namespace

TEST_CASE("directory_exists tells directories from files") {
  kit::op_disk d{GENERATE("posix", "memory", "rooted")};
  d.put("file", "x");
  kit::value_of(d.make_directory("dir"));
  kit::value_of(d.make_link("file", "to-file"));
  kit::value_of(d.make_link("dir", "to-dir"));
  CHECK(output_of(d(directory_exists{d / "dir"})));
  CHECK(output_of(d(directory_exists{d / "dir/"})));
  CHECK(output_of(d(directory_exists{d / "to-dir"})));
  CHECK(output_of(d(directory_exists{"."})));
  CHECK_FALSE(output_of(d(directory_exists{d / "file"})));
  CHECK_FALSE(output_of(d(directory_exists{d / "to-file"})));
  CHECK_FALSE(output_of(d(directory_exists{d / "missing"})));
  CHECK_FALSE(output_of(d(directory_exists{d / "file/below"})));
  CHECK_FALSE(output_of(d(directory_exists{""})));
}

// -- directory_create ---------------------------------------------------------

TEST_CASE(
  "directory_create fails if the directory exists, unless told otherwise") {
  kit::op_disk d{GENERATE("posix", "memory", "rooted")};
  auto level = GENERATE(durability::none, durability::data, durability::full);
  auto create = [&](const std::string& name, bool exist_ok) {
    return code_of(d(directory_create{.path = name,
                                      .exist_ok = exist_ok,
                                      .permissions = 0750,
                                      .durability = level}));
  };
  CHECK(create(d / "dir", false) == "none");
  CHECK(d.dump() == "dir/ 750\n");
  CHECK(create(d / "dir", false) == "already_exists");
  CHECK(create(d / "dir", true) == "none");
  CHECK(create(d / "slash/", false) == "none");
  CHECK(create(d / "slash/.", true) == "none");
  d.put("file", "x");
  CHECK(create(d / "file", false) == "already_exists");
  CHECK(create(d / "file", true) == "not_a_directory");
  CHECK(create(d / "file/x", true) == "not_a_directory");
  CHECK(create(d / "no/x", true) == "not_found");
  CHECK(create("", true) == "not_found");
}

TEST_CASE("directory_create creates missing parents on request") {
  kit::op_disk d{GENERATE("posix", "memory", "rooted")};
  auto level = GENERATE(durability::none, durability::full);
  auto create = [&](const std::string& name) {
    return code_of(d(directory_create{.path = d / name,
                                      .parents = true,
                                      .permissions = 0700,
                                      .durability = level}));
  };
  CHECK(create("a//b/./c/") == "none");
  CHECK(create("a/x/../y") == "none");
  CHECK(d.dump() == "a/ 755\na/b/ 755\na/b/c/ 700\na/x/ 755\na/y/ 700\n");
  CHECK(create("a/b") == "already_exists");
  d.put("f", "");
  CHECK(create("f/x/y") == "not_a_directory");
  kit::value_of(d.make_link("nowhere", "dangling"));
  CHECK(create("dangling/x/y") == "not_found");
}

// -- directory_delete ---------------------------------------------------------

TEST_CASE("directory_delete removes the whole tree, and follows no link") {
  kit::op_disk d{GENERATE("posix", "memory", "rooted")};
  auto level = GENERATE(durability::none, durability::data);
  plant(d);
  d.put("other", "stays");
  auto path = d / GENERATE("top", "top/", "top/../top");
  output_of(d(directory_delete{.path = path, .durability = level}));
  CHECK(d.dump() == "other 644 \"stays\"\n");
}

TEST_CASE("directory_delete without recursive removes empty directories only") {
  kit::op_disk d{GENERATE("posix", "memory", "rooted")};
  plant(d);
  CHECK(code_of(d(directory_delete{d / "top", false}))
        == "directory_not_empty");
  output_of(d(directory_delete{d / "top/empty", false}));
  CHECK(d.names_in("top") == "a dangling f up ");
}

TEST_CASE("directory_delete removes nothing if it cannot remove the top") {
  kit::op_disk d{GENERATE("posix", "memory", "rooted")};
  plant(d);
  kit::value_of(d.make_link("top", "link"));
  auto before = d.dump();
  auto remove = [&](const std::string& path) {
    return code_of(d(directory_delete{path}));
  };
  CHECK(remove(d / "top/.") == "invalid_argument");
  CHECK(remove(d / "top/a/..") == "invalid_argument");
  CHECK(remove("/") == "invalid_argument");
  CHECK(remove("") == "not_found");
  CHECK(remove(d / "link") == "not_a_directory");
  CHECK(remove(d / "link/") == "not_a_directory");
  CHECK(remove(d / "top/f") == "not_a_directory");
  CHECK(remove(d / "none") == "not_found");
  CHECK(d.dump() == before);
}

TEST_CASE("directory_delete names what it could not remove") {
  auto memory = std::make_shared<memory_vfs>();
  faulty_vfs files{memory};
  for (auto name : {"top", "top/a", "top/b"})
    kit::value_of(memory->make_directory(memory->start(), name, 0755));
  for (auto name : {"top/a/f", "top/a/g", "top/b/h"})
    memory->write_file(name, "x");
  files.plan().fail(call_kind::remove_file, 2, EACCES);
  auto why = failure_of(kit::perform(files, directory_delete{"top"}));
  CHECK(why.code == errc::partial_failure);
  CHECK(why.sys_errno == EACCES);
  CHECK(why.path == "top");
  CHECK(why.done == 3);
  CHECK(why.detail == "removed 3 entries, 1 failed");
  REQUIRE(why.entries.size() == 1);
  CHECK(why.entries[0].sys_errno == EACCES);
  auto path = "top/" + why.entries[0].path;
  CHECK(memory->tree()
        == "top/ 755\n" + path.substr(0, 5) + "/ 755\n" + path
             + " 644 \"x\"\n");
}

TEST_CASE(
  "directory_delete tolerates entries that vanish or change meanwhile") {
  auto memory = std::make_shared<memory_vfs>();
  faulty_vfs files{memory};
  auto& start = memory->start();
  for (auto name : {"top", "top/a", "top/b"})
    kit::value_of(memory->make_directory(start, name, 0755));
  memory->write_file("top/f", "x");
  auto change = GENERATE(0, 1, 2);
  auto first = true;
  files.plan().observe([&](call_kind kind, const std::string&) {
    auto removing
      = kind == call_kind::remove_file || kind == call_kind::open_directory;
    if (!removing || files.plan().calls(call_kind::list) == 0 || !first)
      return;
    first = false;
    if (change == 0) {
      kit::value_of(memory->remove_directory(start, "top/a"));
      kit::value_of(memory->remove_file(start, "top/f"));
    } else if (change == 1) {
      kit::value_of(memory->remove_directory(start, "top/b"));
      memory->write_file("top/b", "now a file");
    } else {
      kit::value_of(memory->remove_file(start, "top/f"));
      kit::value_of(memory->make_directory(start, "top/f", 0755));
      memory->write_file("top/f/g", "x");
    }
  });
  output_of(kit::perform(files, directory_delete{"top"}));
  CHECK(memory->tree().empty());
}

TEST_CASE("an unreadable directory is removed if it is empty") {
  auto memory = std::make_shared<memory_vfs>();
  faulty_vfs files{memory};
  auto& start = memory->start();
  kit::value_of(memory->make_directory(start, "top", 0755));
  kit::value_of(memory->make_directory(start, "top/locked", 0));
  files.plan().fail(call_kind::open_directory, 2, EACCES);
  SECTION("empty") {
    output_of(kit::perform(files, directory_delete{"top"}));
    CHECK(memory->tree().empty());
  }
  SECTION("not empty") {
    memory->write_file("top/locked/f", "x");
    auto why = failure_of(kit::perform(files, directory_delete{"top"}));
    CHECK(why.code == errc::partial_failure);
    CHECK(why.entries == std::vector<entry_failure>{{"locked", EACCES}});
  }
}

// -- directory_contents -------------------------------------------------------

TEST_CASE("directory_contents lists all entries, sorted by name") {
  kit::op_disk d{GENERATE("posix", "memory", "rooted")};
  plant(d);
  auto type = [](file_type x) { return x; };
  CHECK(output_of(d(directory_contents{d / "top"}))
        == directory_listing{{"a", type(file_type::directory)},
                             {"dangling", type(file_type::symlink)},
                             {"empty", type(file_type::directory)},
                             {"f", type(file_type::file)},
                             {"up", type(file_type::symlink)}});
  CHECK(output_of(d(directory_contents{d / "top/a/b"}))
        == directory_listing{{"\xff\xfe no utf-8\n", file_type::file}});
  CHECK(output_of(d(directory_contents{d / "top/up"})).size() == 1);
  CHECK(output_of(d(directory_contents{d / "top/empty"})).empty());
  CHECK(code_of(d(directory_contents{d / "top/f"})) == "not_a_directory");
  CHECK(code_of(d(directory_contents{d / "none"})) == "not_found");
  auto bounds = limits{.listed_entries = 4};
  auto why = failure_of(d(directory_contents{d / "top"}, bounds));
  CHECK(why.code == errc::too_large);
  CHECK(why.detail == "there are more than 4 entries");
  bounds.listed_entries = 5;
  CHECK(output_of(d(directory_contents{d / "top"}, bounds)).size() == 5);
}
