// The result of an answered operation must survive a crash. A replaced target
// must be old or new at any time of a crash.

#include "catch.hpp"
#include "op_cases.hpp"

#include <array>

using namespace spindle;
using namespace spindle::fs;

namespace {

constexpr uint64_t seeds = 20;

bool is_atomic(const operation& op) {
  if (auto* write = std::get_if<file_write>(&op))
    return write->mode == write_mode::replace;
  return std::visit(
    [](auto& x) {
      if constexpr (requires { x.overwrite; })
        return x.overwrite;
      else
        return false;
    },
    op);
}

/// Dumps all names and contents, without permissions, which only `full` syncs.
std::string names_and_bytes(memory_vfs& files) {
  auto dump = files.tree();
  std::string res;
  for (size_t i = 0; i < dump.size();) {
    auto end = dump.find('\n', i) + 1;
    auto line = dump.substr(i, end - i);
    auto space = line.find(' ');
    if (line.compare(space, 4, " -> ") != 0)
      line.erase(space, line.find_first_of(" \n", space + 1) - space);
    res += line;
    i = end;
  }
  return res;
}

} // namespace

TEST_CASE("the result of an answered operation survives a crash") {
  auto level = GENERATE(durability::data, durability::full);
  for (auto& [name, op] : kit::op_cases(level)) {
    CAPTURE(name);
    memory_vfs files;
    kit::plant(files);
    REQUIRE(execute(files, op));
    for (uint64_t seed = 1; seed <= seeds; ++seed) {
      CAPTURE(seed);
      auto survivor = files.after_crash(seed);
      if (level == durability::full)
        CHECK(survivor->tree() == files.tree());
      else
        CHECK(names_and_bytes(*survivor) == names_and_bytes(files));
    }
  }
}

TEST_CASE("results at paths through links survive a crash") {
  memory_vfs files;
  auto& start = files.start();
  auto level = GENERATE(durability::data, durability::full);
  for (auto name : {"a", "b", "c"})
    kit::value_of(files.make_directory(start, name, 0755));
  files.sync_all();
  // A crash loses all of this unless the operation syncs it.
  kit::value_of(files.make_link("../b/link", start, "a/link"));
  kit::value_of(files.make_link("../c/f", start, "b/link"));
  kit::value_of(files.make_link("../c/d", start, "a/to-d"));
  kit::value_of(files.make_directory(start, "c/d", 0755));
  auto there = GENERATE(false, true);
  if (there)
    files.write_file("c/f", "old");
  auto answered = [&](const operation& op) {
    REQUIRE(execute(files, op));
    return files.after_crash(GENERATE(range(1, 20)));
  };
  SECTION("a file") {
    auto mode
      = GENERATE(write_mode::truncate, write_mode::append, write_mode::update);
    auto after = answered(file_write{.path = "a/link",
                                     .data = buffer{"new"},
                                     .mode = mode,
                                     .durability = level});
    CHECK(after->read_file("c/f") == files.read_file("c/f"));
    CHECK(after->read_file("a/link") == files.read_file("c/f"));
  }
  SECTION("a directory") {
    auto after = answered(directory_create{
      .path = "a/to-d", .exist_ok = true, .durability = level});
    CHECK(after->tree().find("c/d/") != std::string::npos);
    CHECK(after->tree().find("a/to-d -> ../c/d") != std::string::npos);
  }
}

TEST_CASE("a replaced target is old or new at any time of a crash") {
  auto level = GENERATE(durability::data, durability::full);
  size_t crashes = 0;
  for (auto& [name, op] : kit::op_cases(level)) {
    if (!is_atomic(op))
      continue;
    CAPTURE(name);
    auto memory = std::make_shared<memory_vfs>();
    faulty_vfs files{memory};
    kit::plant(*memory);
    auto before = names_and_bytes(*memory);
    std::vector<std::string> found;
    files.plan().observe([&](call_kind, const std::string&) {
      for (uint64_t seed = 1; seed <= seeds; ++seed)
        found.push_back(names_and_bytes(*memory->after_crash(seed)));
    });
    REQUIRE(execute(files, op));
    auto after = names_and_bytes(*memory);
    crashes += found.size();
    for (auto& state : found) {
      for (auto target : {"f", "e", "far/f", "far/e"}) {
        auto part = kit::part_of(state, target);
        CAPTURE(state, target);
        CHECK((part == kit::part_of(before, target)
               || part == kit::part_of(after, target)));
      }
    }
  }
  CHECK(crashes > 1000);
}

TEST_CASE("a crash never loses a moved entry") {
  size_t crashes = 0;
  for (auto& [name, op] : kit::op_cases(durability::data)) {
    auto of_file = name.starts_with("file_move");
    if (!of_file && !name.starts_with("directory_move"))
      continue;
    CAPTURE(name);
    auto memory = std::make_shared<memory_vfs>();
    faulty_vfs files{memory};
    kit::plant(*memory);
    auto source = std::string{of_file ? "g" : "d"};
    auto target = std::visit(
      [](auto& x) {
        if constexpr (requires { x.target; })
          return x.target;
        else
          return std::string{};
      },
      op);
    auto whole = kit::part_of(names_and_bytes(*memory), source);
    auto moved = std::string{};
    std::vector<std::string> found;
    files.plan().observe([&](call_kind, const std::string&) {
      for (uint64_t seed = 1; seed <= seeds; ++seed)
        found.push_back(names_and_bytes(*memory->after_crash(seed)));
    });
    REQUIRE(execute(files, op));
    moved = kit::part_of(names_and_bytes(*memory), target);
    crashes += found.size();
    for (auto& state : found) {
      CAPTURE(state);
      CHECK((kit::part_of(state, source) == whole
             || kit::part_of(state, target) == moved));
    }
  }
  CHECK(crashes > 1000);
}
