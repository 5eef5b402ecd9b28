// Operations that rest at every possible point must have the same result as
// those that never rest, and leave nothing half-done if they are stopped there.
#include "catch.hpp"
#include "op_cases.hpp"

#include <map>
#include <string>

using namespace spindle;
using namespace spindle::fs;

using kit::value_of;

namespace {

/// Returns whether the operation is about an entry of this name.
bool is_about(const operation& what, const std::string& name) {
  return std::visit(
    [&](const auto& op) {
      if constexpr (requires { op.target; })
        if (op.target == name)
          return true;
      return op.path == name;
    },
    what);
}

/// Size of the file "big", which counts as a large one.
constexpr size_t big_bytes = size_t{4} << 20;
constexpr uint64_t big_factor = 16;

/// How many waits for its disk space fail.
constexpr size_t free_delay = 3;

/// Performs one operation in slices, on a disk with the files of the cases.
/// Large files are there only for operations that are about them, since it
/// takes long to write and to compare them.
struct sliced {
  std::shared_ptr<memory_vfs> memory = std::make_shared<memory_vfs>();
  progress_record record;
  size_t rests = 0;

  explicit sliced(const operation& op) {
    kit::plant(*memory);
    if (is_about(op, "g"))
      // Large enough for several slices.
      memory->write_file("g", std::string(3 << 20, 'g'));
    if (is_about(op, "big"))
      add_big("big");
    if (is_about(op, "much")) {
      value_of(memory->make_directory(memory->start(), "much", 0755));
      add_big("much/big");
    }
  }

  /// Adds a file that takes long to free.
  void add_big(const std::string& path) {
    static const std::string content(big_bytes, 'b');
    memory->write_file(path, content);
    memory->set_allocation_factor(big_factor);
    memory->set_free_delay(free_delay);
  }

  /// Performs the operation, resting at every possible point.
  /// @param stop_at number of the rest at which it is stopped; 0 for never.
  answer run(const operation& op, size_t stop_at = 0) {
    execution all{*memory, op, {}, {.progress = &record}};
    auto over = [&] {
      if (++rests == stop_at)
        all.stop();
      return true;
    };
    while (all.advance(over) != pause::done) {
    }
    return all.take();
  }
};

std::string text_of(const answer& x) {
  return x ? "done" : to_string(x.error());
}

operation large_write() {
  return file_write{.path = "n", .data = buffer{std::string(3 << 20, 'x')}};
}

std::vector<kit::op_case> all_cases() {
  auto res = kit::op_cases(durability::full);
  res.push_back({"file_read of much", file_read{"g"}});
  res.push_back({"file_write of much", large_write()});
  res.push_back({"file_checksum of much", file_checksum{"g"}});
  res.push_back({"file_delete of much", file_delete{"big"}});
  res.push_back({"file_truncate of much", file_truncate{"big", 1}});
  res.push_back(
    {"file_create over much", file_create{.path = "big", .overwrite = true}});
  res.push_back({"file_copy over much", file_copy{"g", "big", true}});
  res.push_back({"file_rename over much", file_rename{"g", "big", true}});
  res.push_back(
    {"symlink_create over much",
     symlink_create{.path = "big", .target = "g", .overwrite = true}});
  res.push_back({"directory_delete of much", directory_delete{"much"}});
  for (auto mode : {write_mode::truncate, write_mode::replace})
    res.push_back({"file_write " + to_string(mode) + " over much",
                   file_write{.path = "big",
                              .data = buffer{std::string(2 << 20, 'x')},
                              .mode = mode}});
  return res;
}

} // namespace

TEST_CASE("operations that rest have the same result") {
  for (const auto& [name, op] : all_cases()) {
    CAPTURE(name);
    sliced resting{op};
    sliced at_once{op};
    auto found = resting.run(op);
    auto expected = execute(*at_once.memory, op);
    CHECK(text_of(found) == text_of(expected));
    CHECK(found.has_value() == expected.has_value());
    CHECK(resting.memory->tree() == at_once.memory->tree());
  }
}

TEST_CASE("long operations rest") {
  std::map<std::string, size_t> rests;
  for (const auto& [name, op] : all_cases()) {
    sliced one{op};
    one.run(op);
    rests[name] = one.rests;
  }
  for (auto name :
       {"file_read of much", "file_write of much", "file_checksum of much",
        "file_copy to far/f", "file_move to far/f", "directory_copy to n",
        "directory_copy to f", "directory_move to far/f", "directory_delete",
        "directory_walk", "directory_contents"}) {
    CAPTURE(name);
    REQUIRE(rests.contains(name));
    CHECK(rests[name] > 0);
  }
  // Operations that remove or replace a large file wait for its disk space.
  for (auto name :
       {"file_delete of much", "file_create over much", "file_copy over much",
        "file_rename over much", "symlink_create over much",
        "directory_delete of much", "file_write replace over much"}) {
    CAPTURE(name);
    CHECK(rests[name] >= free_delay);
  }
  // Operations that truncate it do so in steps.
  CHECK(rests["file_truncate of much"] >= 3);
  CHECK(rests["file_write truncate over much"] >= 4);
  CHECK(rests["file_exists"] == 0);
}

TEST_CASE(
  "an operation stopped at a rest cleans up and reports how far it was") {
  for (const auto& [name, op] : all_cases()) {
    CAPTURE(name);
    sliced whole{op};
    auto before = whole.memory->tree();
    whole.run(op);
    auto complete = whole.memory->tree();
    for (size_t at = 1; at <= whole.rests; ++at) {
      CAPTURE(at);
      sliced one{op};
      auto res = one.run(op, at);
      auto left = one.memory->tree();
      CHECK(left.find(".spindle") == std::string::npos);
      if (res) {
        // Stopped at its last rest, it was complete.
        CHECK((left == complete));
        continue;
      }
      CHECK(res.error().code == errc::cancelled);
      CHECK(res.error().detail.find("it was stopped after ")
            != std::string::npos);
      // Only removals and writes in place may be partly done.
      auto is_in_parts = std::holds_alternative<directory_delete>(op)
                      || std::holds_alternative<file_write>(op);
      CHECK((is_in_parts || left == before));
    }
  }
}

TEST_CASE("an execution destroyed at a rest releases its frames") {
  operation op = directory_copy{.path = "d", .target = "n"};
  sliced one{op};
  execution all{*one.memory, op};
  CHECK(all.advance([] { return true; }) == pause::rests);
}
