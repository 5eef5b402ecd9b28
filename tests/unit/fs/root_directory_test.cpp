// Roots whose path later leads to another directory.
// tests/process/mount_test.py tests mounts.

#include "catch.hpp"
#include "failure_of.hpp"
#include "op_disk.hpp"
#include "patience.hpp"

#include "spindle/fs/stream.hpp"

#include <cerrno>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <sys/stat.h>

using namespace spindle;
using namespace spindle::fs;
using namespace std::literals;
using kit::code_of;
using kit::output_of;

namespace {

/// A root with a parent directory, so that it can be replaced.
struct fixture {
  fixture() {
    std::filesystem::create_directory(path);
    disk = open(path);
  }

  std::shared_ptr<rooted_vfs> open(const std::string& at) {
    auto observer = [this](const std::optional<failure>& why) {
      told.push_back(why ? to_string(why->code) + ' ' + why->path : "back");
    };
    return rooted_vfs::open(at, access_mode::read_write, {false, observer})
      .value();
  }

  /// Replaces the root by an empty directory.
  void replace() {
    std::filesystem::rename(path, home / "aside");
    std::filesystem::create_directory(path);
  }

  void put_back() {
    std::filesystem::remove_all(path);
    std::filesystem::rename(home / "aside", path);
  }

  std::string write(const std::string& name) {
    return code_of(kit::perform(*disk, file_write{.path = name}));
  }

  kit::temp_dir home;
  std::string path = home / "root";
  std::vector<std::string> told;
  std::shared_ptr<rooted_vfs> disk;
};

const auto bytes = kit::bytes_of("0123456789"sv);

} // namespace

TEST_CASE("a replaced root is refused until the old directory is back") {
  fixture f;
  CHECK(f.write("a") == "none");
  f.replace();
  CHECK(f.write("b") == "stale");
  CHECK(code_of(kit::perform(*f.disk, file_exists{"a"})) == "stale");
  auto why = kit::failure_of(kit::perform(*f.disk, file_stat{.path = "a"}));
  CHECK(why.sys_errno == ESTALE);
  CHECK(why.path == "a");
  f.put_back();
  CHECK(f.write("c") == "none");
  std::filesystem::rename(f.path, f.home / "aside");
  CHECK(f.write("d") == "stale");
  CHECK(f.told
        == std::vector{"stale " + f.path, "back"s, "not_found " + f.path});
  for (auto name : {"b", "d"})
    CHECK_FALSE(std::filesystem::exists(f.home / ("aside/"s + name)));
}

TEST_CASE("a replaced root is used after it is opened again") {
  fixture f;
  CHECK(f.write("a") == "none");
  CHECK(f.disk->open_anew() == false);
  f.replace();
  CHECK(f.write("b") == "stale");
  CHECK(f.disk->open_anew() == true);
  CHECK(f.write("c") == "none");
  CHECK(std::filesystem::exists(f.path + "/c"));
  CHECK_FALSE(std::filesystem::exists(f.path + "/a"));
  CHECK(f.told == std::vector{"stale " + f.path, "back"s});
  std::filesystem::remove_all(f.path);
  CHECK(code_of(f.disk->open_anew()) == "not_found");
  CHECK(f.write("d") == "stale");
}

TEST_CASE(
  "a relative root is resolved from the directory where it was opened") {
  fixture f;
  auto before = std::filesystem::current_path();
  std::filesystem::current_path(f.home.path());
  f.disk = f.open("root");
  std::filesystem::current_path(before);
  CHECK(f.write("a") == "none");
}

namespace {

/// An operation on the directory "d" of a root that has begun and rests.
struct resting {
  explicit resting(operation op) : what(std::move(op)) {
    std::filesystem::create_directory(f.path + "/d");
    for (auto name : {"d/1", "d/2", "d/3"})
      CHECK(f.write(name) == "none");
    all.emplace(*f.disk, what, limits{}, surroundings{.progress = &record});
    REQUIRE(all->advance([] { return true; }) == pause::rests);
  }

  answer finish() {
    while (all->advance([] { return true; }) != pause::done) {
    }
    return all->take();
  }

  fixture f;
  operation what;
  progress_record record;
  std::optional<execution> all;
};

} // namespace

TEST_CASE("an operation that rests fails after its root was replaced") {
  std::vector<operation> ops{
    directory_copy{.path = "d", .target = "e"},
    directory_copy{.path = "d", .target = "e", .overwrite = true},
    directory_delete{"d"},
    directory_walk{.path = "d"},
  };
  auto op = GENERATE_COPY(from_range(ops));
  auto opens_anew = GENERATE(false, true);
  auto is_used = GENERATE(false, true);
  CAPTURE(name_of(op), opens_anew, is_used);
  resting on{op};
  on.f.replace();
  std::filesystem::create_directory(on.f.path + "/d");
  if (opens_anew)
    CHECK(on.f.disk->open_anew() == true);
  if (is_used)
    CHECK(on.f.write("other") == (opens_anew ? "none" : "stale"));
  auto why = kit::failure_of(on.finish());
  CHECK(to_string(why.code) == "stale");
  CHECK(why.sys_errno == ESTALE);
  CHECK(why.operation == name_of(op));
  CHECK(why.path == "d");
  CHECK(why.detail.find("it was stopped after") != std::string::npos);
  // Nothing was done in the new directory, and no part of a copy is left.
  CHECK(std::filesystem::is_empty(on.f.path + "/d"));
  for (const auto& root : {on.f.path, on.f.home / "aside"})
    for (auto& entry : std::filesystem::directory_iterator{root}) {
      auto name = entry.path().filename().string();
      CHECK((name == "d" || name == "other"));
    }
}

TEST_CASE("an operation that rests goes on if its root is back by then") {
  resting on{directory_delete{"d"}};
  on.f.replace();
  CHECK(on.f.write("other") == "stale");
  on.f.put_back();
  CHECK(on.finish());
  CHECK(std::filesystem::is_empty(on.f.path));
}

TEST_CASE("a stream fails after its root was replaced") {
  fixture f;
  auto mode = GENERATE(write_mode::truncate, write_mode::replace);
  stream s{f.disk, {.path = "a", .mode = mode}};
  CHECK(s.write(bytes, kit::end_of_patience()) == 10u);
  f.replace();
  auto writes_more = GENERATE(false, true);
  // Opening the root again does not move a stream that has begun.
  if (GENERATE(false, true))
    CHECK(f.disk->open_anew() == true);
  auto res = writes_more ? code_of(s.write(bytes, kit::end_of_patience()))
                         : code_of(s.finish());
  CHECK(res == "stale");
  CHECK(code_of(s.finish()) == "stale");
  CHECK(std::filesystem::is_empty(f.path));
  auto left = mode == write_mode::replace ? 0 : 1;
  auto aside = std::filesystem::directory_iterator{f.home / "aside"};
  CHECK(std::distance(begin(aside), end(aside)) == left);
}

TEST_CASE("a stream to a descriptor does not depend on the root") {
  fixture f;
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  stream s{f.disk, {.descriptor = ends[1], .close_descriptor = true}};
  f.replace();
  CHECK(s.write(bytes, kit::end_of_patience()) == 10u);
  CHECK(s.finish().has_value());
  ::close(ends[0]);
}

TEST_CASE("a root that must be mounted is refused if it is not") {
  kit::temp_dir home;
  auto open = [](const std::string& path) {
    return rooted_vfs::open(path, access_mode::read_only,
                            {.must_be_mount = true});
  };
  auto res = open(home.path());
  CHECK(code_of(res) == "stale");
  CHECK(res.error().detail.find("mounted") != std::string::npos);
  CHECK(open("/proc").has_value());
  CHECK(code_of(open("/proc/self/task")) == "stale");
}
