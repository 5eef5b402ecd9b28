// Operations on times, permissions, links, space, and syncing.

#include "catch.hpp"
#include "failure_of.hpp"
#include "op_disk.hpp"

using namespace spindle;
using namespace spindle::fs;
using kit::code_of;
using kit::failure_of;
using kit::output_of;

TEST_CASE("file_stat follows a link unless told otherwise") {
  kit::op_disk d{GENERATE("posix", "memory", "rooted")};
  d.put("f", "text");
  kit::value_of(d.make_link("f", "link"));
  kit::value_of(d.make_link("none", "dangling"));
  CHECK(output_of(d(file_stat{d / "link"})).size == 4);
  CHECK(output_of(d(file_stat{d / "link"})).type == file_type::file);
  CHECK(output_of(d(file_stat{d / "link", false})).type == file_type::symlink);
  CHECK(output_of(d(file_stat{d / "."})).type == file_type::directory);
  CHECK(code_of(d(file_stat{d / "dangling"})) == "not_found");
}

TEST_CASE("file_sync syncs files and directories") {
  kit::op_disk d{GENERATE("posix", "memory", "rooted")};
  auto level = GENERATE(durability::data, durability::full);
  d.put("f", "text");
  kit::value_of(d.make_link("f", "link"));
  output_of(d(file_sync{d / "f", level}));
  output_of(d(file_sync{d / "link", level}));
  output_of(d(file_sync{d / ".", level}));
  CHECK(code_of(d(file_sync{d / "none", level})) == "not_found");
  CHECK(code_of(d(file_sync{d / "f", durability::none})) == "invalid_argument");
}

TEST_CASE("a failed sync is reported and not repeated") {
  auto memory = std::make_shared<memory_vfs>();
  faulty_vfs files{memory};
  memory->write_file("f", "text");
  files.plan().fail(call_kind::sync, 1, EIO);
  CHECK(code_of(kit::perform(files, file_sync{"f"})) == "io_error");
  CHECK(files.plan().calls(call_kind::sync) == 1);
}

TEST_CASE("set_permissions changes files and directories") {
  kit::op_disk d{GENERATE("posix", "memory", "rooted")};
  auto level = GENERATE(durability::none, durability::data, durability::full);
  d.put("f", "text");
  kit::value_of(d.make_directory("dir"));
  kit::value_of(d.make_link("f", "link"));
  output_of(d(set_permissions{d / "link", 0, level}));
  CHECK(d.permissions("f") == 0);
  output_of(d(set_permissions{d / "f", 0604, level}));
  CHECK(d.permissions("f") == 0604);
  output_of(d(set_permissions{d / "dir", 01777, level}));
  CHECK(d.permissions("dir") == 01777);
  CHECK(code_of(d(set_permissions{d / "none", 0, level})) == "not_found");
}

TEST_CASE("set_times changes only the given times") {
  kit::op_disk d{GENERATE("posix", "memory", "rooted")};
  auto level = GENERATE(durability::none, durability::data, durability::full);
  auto at = [](int64_t s) { return file_time{std::chrono::nanoseconds{s}}; };
  d.put("f", "text");
  output_of(d(set_times{.path = d / "f",
                        .accessed = at(5),
                        .modified = at(-7),
                        .durability = level}));
  output_of(
    d(set_times{.path = d / "f", .accessed = at(9), .durability = level}));
  auto info = kit::value_of(d.stat("f"));
  CHECK(info.accessed == at(9));
  CHECK(info.modified == at(-7));
  kit::value_of(d.make_link("f", "link"));
  auto of_link = d(set_times{.path = d / "link",
                             .modified = at(11),
                             .follow = false,
                             .durability = level});
  CHECK(kit::value_of(d.stat("f")).modified == at(-7));
  if (level == durability::none)
    CHECK(kit::value_of(d.stat("link", false)).modified == at(11));
  else
    CHECK(code_of(of_link) == "not_supported");
}

TEST_CASE("disk_space returns capacity and free space") {
  kit::op_disk d{GENERATE("posix", "memory", "rooted")};
  auto space = output_of(d(disk_space{d.path()}));
  CHECK(space.capacity > 0);
  CHECK(space.free <= space.capacity);
  CHECK(space.available <= space.free);
  CHECK(code_of(d(disk_space{d / "none"})) == "not_found");
}

TEST_CASE(
  "symlink_create creates links, and replaces anything but directories") {
  kit::op_disk d{GENERATE("posix", "memory", "rooted")};
  auto level = GENERATE(durability::none, durability::full);
  auto link
    = [&](const std::string& name, const std::string& target, bool overwrite) {
        return code_of(d(symlink_create{.path = d / name,
                                        .target = target,
                                        .overwrite = overwrite,
                                        .parents = true,
                                        .durability = level}));
      };
  CHECK(link("a/link", "x", false) == "none");
  CHECK(output_of(d(symlink_read{d / "a/link"})) == "x");
  CHECK(link("a/link", "y", false) == "already_exists");
  CHECK(link("a/link", "y", true) == "none");
  CHECK(output_of(d(symlink_read{d / "a/link"})) == "y");
  d.put("a/f", "text");
  CHECK(link("a/f", "z", true) == "none");
  CHECK(output_of(d(symlink_read{d / "a/f"})) == "z");
  CHECK(link("a", "z", true) == "is_a_directory");
  CHECK(link("b/new", "z", true) == "none");
  CHECK(link("a/empty", "", true) == "not_found");
  CHECK(d.names_in("a") == "f link ");
}

TEST_CASE("symlink_create does not replace what the link points to") {
  kit::op_disk d{GENERATE("posix", "memory", "rooted")};
  kit::value_of(d.make_directory("a"));
  d.put("a/f", "text");
  kit::value_of(d.make_link("f", "a/link"));
  auto before = d.dump();
  for (auto target : {"f", "./f", "../a/f", "link"}) {
    CAPTURE(target);
    auto why = failure_of(d(
      symlink_create{.path = d / "a/f", .target = target, .overwrite = true}));
    CHECK(why.code == errc::invalid_argument);
    CHECK(why.detail == "both paths name the same file");
    CHECK(d.dump() == before);
  }
}

TEST_CASE("symlink_read refuses anything but links") {
  kit::op_disk d{GENERATE("posix", "memory", "rooted")};
  d.put("f", "text");
  auto why = failure_of(d(symlink_read{d / "f"}));
  CHECK(why.code == errc::invalid_argument);
  CHECK(why.detail == "it is not a symbolic link");
  CHECK(code_of(d(symlink_read{d / "none"})) == "not_found");
}
