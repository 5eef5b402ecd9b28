#include "spindle/all.hpp"

#include <filesystem>
#include <fstream>
#include <vector>

#include "catch.hpp"
#include "temp_dir.hpp"

using namespace spindle;

namespace {

/// Runs operations on a disk.
struct disk_user {
  explicit disk_user(disk_ptr disk)
      : q(spawn_queue(sys, {.disk = std::move(disk)})), calls(q) {}

  configured<> cfg;
  caf::actor_system sys{cfg};
  queue q;
  client calls;
};

} // namespace

TEST_CASE("a confined disk keeps operations beneath its root") {
  kit::temp_dir dir;
  auto disk = confined_disk(dir.path(), access_mode::read_write);
  REQUIRE(disk);
  disk_user user{*disk};
  CHECK(user.calls.run(file_write{.path = "a", .data = buffer{"text"}}));
  CHECK(std::filesystem::file_size(dir / "a") == 4);
  auto out = user.calls.run(file_exists{.path = "../a"});
  REQUIRE(!out);
  CHECK(failure_of(out.error())->code == errc::permission_denied);
}

TEST_CASE("a confined disk may be read-only") {
  kit::temp_dir dir;
  auto disk = confined_disk(dir.path(), access_mode::read_only);
  REQUIRE(disk);
  disk_user user{*disk};
  auto res = user.calls.run(file_create{.path = "a"});
  REQUIRE(!res);
  CHECK(failure_of(res.error())->code == errc::read_only);
}

TEST_CASE("a root that is not there is a failure with its path") {
  kit::temp_dir dir;
  auto disk = confined_disk(dir / "missing", access_mode::read_write);
  REQUIRE(!disk);
  CHECK(disk.error().code == errc::not_found);
  CHECK(disk.error().operation == "confined_disk");
  CHECK(disk.error().path == dir / "missing");
}

TEST_CASE("a disk in memory begins empty and keeps files") {
  disk_user user{memory_disk()};
  CHECK(user.calls.run(file_exists{.path = "/a"}) == false);
  CHECK(user.calls.run(file_write{.path = "/a", .data = buffer{"text"}}));
  CHECK(user.calls.run(file_read{.path = "/a"}) == buffer{"text"});
}

TEST_CASE("an observer hears of each call with its path") {
  std::vector<std::string> paths;
  {
    disk_user user{observed_disk(
      memory_disk(), [&](std::string_view call, const std::string& path) {
        if (call == "stat")
          paths.push_back(path);
      })};
    CHECK(user.calls.run(file_exists{.path = "/a"}) == false);
    CHECK(user.calls.shutdown());
  }
  CHECK(paths == std::vector<std::string>{"/a"});
}

TEST_CASE("leftovers of dead processes are removed, and nothing else") {
  kit::temp_dir dir;
  // No process has so great a number.
  auto leftover = dir / ".spindle-999999999-ab-1.tmp";
  for (const auto& path : {leftover, dir / "mine"}) {
    std::ofstream out{path};
    REQUIRE(out.good());
  }
  CHECK(remove_leftovers(real_disk(), dir.path()) == 0);
  CHECK(std::filesystem::exists(leftover));
  CHECK(remove_leftovers(real_disk(), dir.path(), std::chrono::seconds{0})
        == 1);
  CHECK(!std::filesystem::exists(leftover));
  CHECK(std::filesystem::exists(dir / "mine"));
}

TEST_CASE("removing leftovers says what is wrong") {
  kit::temp_dir dir;
  auto res = remove_leftovers(real_disk(), dir / "missing");
  REQUIRE(!res);
  CHECK(res.error().code == errc::not_found);
  CHECK(res.error().operation == "remove_leftovers");
}
