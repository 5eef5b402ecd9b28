// Sweeps find temporary files of crashed processes by their names alone.

#include "catch.hpp"
#include "child.hpp"
#include "op_disk.hpp"

#include "spindle/fs/stream.hpp"
#include "spindle/fs/sweep.hpp"
#include "spindle/fs/temporary.hpp"

#include <unistd.h>

using namespace spindle;
using namespace spindle::fs;
using kit::value_of;

namespace {

/// Returns a temporary name.
std::string temporary(pid_t process, const std::string& random = "ab12",
                      const std::string& number = "0") {
  return ".spindle-" + std::to_string(process) + '-' + random + '-' + number
       + ".tmp";
}

} // namespace

TEST_CASE("temporary names contain the process ID") {
  auto owner = temporary_owner_of(temporary_name());
  REQUIRE(owner);
  CHECK(*owner == this_temporary_owner());
  CHECK(owner->process == ::getpid());
  CHECK(temporary_owner_of(temporary(7)) == temporary_owner{7, 0xab12});
  CHECK(kit::in_child([] {
          auto of_child = temporary_owner_of(temporary_name());
          return of_child && of_child->process == ::getpid() ? 0 : 1;
        })
        == 0);
}

TEST_CASE("other names are not recognized as temporary") {
  for (std::string name :
       {"", "x", ".spindle-", ".spindle-.tmp", ".spindle-1-2-3",
        ".spindle-1-2.tmp", ".spindle-1-2-.tmp", ".spindle--2-3.tmp",
        ".spindle-0-2-3.tmp", ".spindle--1-2-3.tmp", ".spindle-1-g-3.tmp",
        ".spindle-1-A-3.tmp", ".spindle-1-2-3.tmp2", ".spindle-01-2-3.tmp",
        "x.spindle-1-2-3.tmp", ".spindle-+1-2-3.tmp", ".spindle-1-2-3-4.tmp",
        ".spindle-99999999999-2-3.tmp", ".spindle-1-12345678901234567-3.tmp"}) {
    CAPTURE(name);
    CHECK(!temporary_owner_of(name));
  }
  CHECK(!temporary_owner_of(temporary(1) + std::string{"\0", 1}));
}

TEST_CASE("a sweep removes temporary files of dead processes at any depth") {
  kit::op_disk d{GENERATE("posix", "memory", "rooted")};
  auto dead = kit::dead_process();
  value_of(d.make_directory("a"));
  value_of(d.make_directory("a/b"));
  d.put(temporary(dead), "1");
  d.put("a/b/" + temporary(dead, "1", "7"), "2");
  value_of(d.make_link("..", "a/" + temporary(dead)));
  value_of(d.make_directory("a/b/" + temporary(dead)));
  d.put("a/b/" + temporary(dead) + "/f", "3");
  d.put("a/b/keep", "4");
  auto res = sweep_leftovers(d.files(), d.path());
  CHECK(res.done == 4);
  CHECK(res.failed == 0);
  CHECK(d.dump() == "a/ 755\na/b/ 755\na/b/keep 644 \"4\"\n");
  CHECK(sweep_leftovers(d.files(), d.path()).done == 0);
}

TEST_CASE("a sweep leaves files that may be in use") {
  kit::op_disk d{GENERATE("posix", "memory", "rooted")};
  auto mine = temporary_name();
  auto alive = temporary(::getppid());
  auto of_root = temporary(1);
  for (auto& name : {mine, alive, of_root})
    d.put(name, "");
  // A temporary directory with any content.
  auto filled = temporary(::getppid(), "1");
  value_of(d.make_directory(filled));
  d.put(filled + '/' + temporary(kit::dead_process()), "");
  auto before = d.dump();
  CHECK(sweep_leftovers(d.files(), d.path()).done == 0);
  CHECK(d.dump() == before);
}

TEST_CASE(
  "a sweep removes files of an earlier process with the same process ID") {
  kit::op_disk d{GENERATE("posix", "memory", "rooted")};
  auto self = this_temporary_owner();
  auto other = std::to_string(self.random % 1'000'000 + 1);
  d.put(temporary(self.process, other), "");
  CHECK(sweep_leftovers(d.files(), d.path()).done == 1);
  CHECK(d.dump() == "");
}

TEST_CASE("a sweep does not follow links") {
  kit::op_disk d{GENERATE("posix", "memory", "rooted")};
  value_of(d.make_directory("swept"));
  value_of(d.make_directory("other"));
  d.put("other/" + temporary(kit::dead_process()), "");
  value_of(d.make_link("../other", "swept/link"));
  CHECK(sweep_leftovers(d.files(), d / "swept").done == 0);
  CHECK(sweep_leftovers(d.files(), d / "other").done == 1);
}

TEST_CASE("a sweep stays in its scope") {
  kit::op_disk d{"posix"};
  auto dead = kit::dead_process();
  value_of(d.make_directory("below"));
  d.put("below/" + temporary(dead), "");
  d.put(temporary(dead), "");
  auto sweep = [&](const sweep_scope& scope) {
    return sweep_leftovers(d.files(), d.path(), scope).done;
  };
  CHECK(sweep({.min_age = std::chrono::hours{1}}) == 0);
  CHECK(sweep({.user = ::geteuid() + 1}) == 0);
  // The age follows from the change time. The modification time can be set: a
  // copy has that of its source.
  value_of(d.files().set_times(d.files().start(), d / temporary(dead),
                               {file_time{}, file_time{}}, true));
  CHECK(sweep({.min_age = std::chrono::hours{1}}) == 0);
  CHECK(sweep({.recursive = false, .user = ::geteuid()}) == 1);
  CHECK(sweep({}) == 1);
}

TEST_CASE("a sweep continues after failures, and names them") {
  auto memory = std::make_shared<memory_vfs>();
  faulty_vfs files{memory};
  auto dead = kit::dead_process();
  value_of(memory->make_directory(memory->start(), "a", 0755));
  for (auto number : {"1", "2"})
    memory->write_file("a/" + temporary(dead, "1", number), "");
  files.plan().fail(call_kind::remove_file, 1, EIO);
  auto res = sweep_leftovers(files);
  CHECK(res.done == 1);
  CHECK(res.failed == 1);
  REQUIRE(res.entries.size() == 1);
  CHECK(res.entries.front().path.starts_with("a/.spindle-"));
  CHECK(res.entries.front().sys_errno == EIO);
  CHECK(sweep_leftovers(files, "missing").entries
        == std::vector<entry_failure>{{".", ENOENT}});
  CHECK(sweep_leftovers(files).done == 1);
}

TEST_CASE("a sweep cleans up after a process that was killed") {
  kit::op_disk d{GENERATE("posix", "rooted")};
  kit::in_child([&] {
    // The stream is neither finished nor destroyed.
    auto& begun = *new stream{vfs_ptr{vfs_ptr{}, &d.files()},
                              {.path = d / "f", .mode = write_mode::replace}};
    return begun.write(kit::bytes_of("new"), steady_time::max()) ? 0 : 1;
  });
  CHECK(d.names_in().starts_with(".spindle-"));
  CHECK(sweep_leftovers(d.files(), d.path()).done == 1);
  CHECK(d.names_in() == "");
}
