// Operations that rest at every possible point must have the same result as
// those that never rest, and leave nothing half-done if they are stopped there.
#include "catch.hpp"
#include "op_cases.hpp"

#include <map>
#include <string>

using namespace spindle;
using namespace spindle::fs;

namespace {

/// Performs one operation in slices, on a disk with the files of the cases.
struct sliced {
  std::shared_ptr<memory_vfs> memory = std::make_shared<memory_vfs>();
  progress_record record;
  size_t rests = 0;

  sliced() {
    kit::plant(*memory);
    // Large enough for several slices.
    memory->write_file("g", std::string(3 << 20, 'g'));
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
    while (!all.advance(over)) {
    }
    return all.take();
  }
};

std::string text_of(const answer& x) {
  auto* why = std::get_if<failure>(&x);
  return why ? to_string(*why) : "done";
}

operation large_write() {
  return file_write{.path = "n", .data = buffer{std::string(3 << 20, 'x')}};
}

std::vector<kit::op_case> all_cases() {
  auto res = kit::op_cases(durability::full);
  res.push_back({"file_read of much", file_read{"g"}});
  res.push_back({"file_write of much", large_write()});
  res.push_back({"file_checksum of much", file_checksum{"g"}});
  return res;
}

} // namespace

TEST_CASE("operations that rest have the same result") {
  for (const auto& [name, op] : all_cases()) {
    CAPTURE(name);
    sliced resting;
    sliced at_once;
    auto found = resting.run(op);
    auto expected = execute(*at_once.memory, op);
    CHECK(text_of(found) == text_of(expected));
    CHECK(found.index() == expected.index());
    CHECK(resting.memory->tree() == at_once.memory->tree());
  }
}

TEST_CASE("long operations rest") {
  std::map<std::string, size_t> rests;
  for (const auto& [name, op] : all_cases()) {
    sliced one;
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
  CHECK(rests["file_exists"] == 0);
}

TEST_CASE(
  "an operation stopped at a rest cleans up and reports how far it was") {
  for (const auto& [name, op] : all_cases()) {
    CAPTURE(name);
    sliced whole;
    whole.run(op);
    for (size_t at = 1; at <= whole.rests; ++at) {
      CAPTURE(at);
      sliced one;
      auto before = one.memory->tree();
      auto res = one.run(op, at);
      CHECK(one.memory->tree().find(".spindle") == std::string::npos);
      auto* why = std::get_if<failure>(&res);
      if (!why) {
        // Stopped at its last rest, it was complete.
        CHECK(one.memory->tree() == whole.memory->tree());
        continue;
      }
      CHECK(why->code == errc::cancelled);
      CHECK(why->detail.find("it was stopped after ") != std::string::npos);
      // Only removals and writes in place may be partly done.
      auto is_in_parts = std::holds_alternative<directory_delete>(op)
                      || std::holds_alternative<file_write>(op);
      CHECK((is_in_parts || one.memory->tree() == before));
    }
  }
}

TEST_CASE("an execution destroyed at a rest releases its frames") {
  sliced one;
  operation op = directory_copy{.path = "d", .target = "n"};
  execution all{*one.memory, op};
  CHECK(!all.advance([] { return true; }));
}
