// The progress that operations report, while they run and at the end.

#include "catch.hpp"
#include "op_disk.hpp"

#include "spindle/fs/memory/memory_vfs.hpp"
#include "spindle/fs/testing/faulty_vfs.hpp"

#include <optional>
#include <vector>

using namespace spindle;
using namespace spindle::fs;

namespace {

constexpr uint64_t file_bytes = 300'000;
constexpr uint64_t small_bytes = 100;

/// A disk in memory that records the progress of an operation at each call.
struct watched_disk {
  watched_disk() {
    memory->mount("far");
    memory->write_file("file", std::string(file_bytes, 'x'));
    auto& start = memory->start();
    kit::value_of(memory->make_directory(start, "tree", 0755));
    kit::value_of(memory->make_directory(start, "tree/sub", 0755));
    memory->write_file("tree/sub/a", std::string(small_bytes, 'a'));
    memory->write_file("tree/b", std::string(file_bytes, 'b'));
    kit::value_of(memory->make_link("b", start, "tree/link"));
    // Several calls for each file.
    files.plan().limit_transfers(50'000);
    files.plan().observe(
      [this](call_kind, const std::string&) { seen.push_back(record.read()); });
  }

  /// Performs an operation, and returns its final progress.
  template <class Op>
  progress_figures perform(const Op& op, bool in_list = false) {
    result = execute(files, operation{op}, {},
                     {.progress = &record, .whole = in_list});
    seen.push_back(record.read());
    return seen.back();
  }

  bool succeeded() const {
    return result.has_value();
  }

  /// Returns whether no number ever decreased.
  bool is_monotonic() const {
    for (size_t i = 1; i < seen.size(); ++i)
      if (seen[i].bytes < seen[i - 1].bytes
          || seen[i].entries < seen[i - 1].entries
          || seen[i].total_bytes.value_or(0)
               < seen[i - 1].total_bytes.value_or(0))
        return false;
    return true;
  }

  /// Returns whether a value between 0 and the final one was recorded.
  bool was_seen_between(uint64_t progress_figures::*number) const {
    auto last = seen.back().*number;
    for (const auto& x : seen)
      if (x.*number > 0 && x.*number < last)
        return true;
    return false;
  }

  bool was_at(const std::string& path) const {
    for (const auto& x : seen)
      if (x.path == path)
        return true;
    return false;
  }

  std::shared_ptr<memory_vfs> memory = std::make_shared<memory_vfs>();
  faulty_vfs files{memory};
  progress_record record;
  std::vector<progress_figures> seen;
  answer result;
};

} // namespace

TEST_CASE("a copy of a file reports its bytes") {
  watched_disk d;
  auto last = GENERATE(false, true)
              ? d.perform(file_copy{.path = "file", .target = "copy"})
              : d.perform(file_move{.path = "file", .target = "far/copy"});
  REQUIRE(d.succeeded());
  CHECK(last.bytes == file_bytes);
  CHECK(last.total_bytes == file_bytes);
  CHECK(last.entries == 1);
  CHECK(last.path == "file");
  CHECK(d.is_monotonic());
}

TEST_CASE("each operation of a list reports its own path") {
  watched_disk d;
  auto list = true;
  CHECK(d.perform(file_copy{"file", "copy"}, list).path == "file");
  d.seen.clear();
  CHECK(d.perform(file_exists{"tree"}, list).path == "tree");
  CHECK(!d.was_at("file"));
  CHECK(d.perform(file_write{.path = "new"}, list).path == "new");
  CHECK(
    d.perform(directory_copy{"tree", "tree2"}, list).path.starts_with("tree/"));
  CHECK(d.perform(file_read{"missing"}, list).path == "missing");
}

TEST_CASE("a copy in blocks reports each block") {
  watched_disk d;
  d.files.plan().fail_all(call_kind::clone, EOPNOTSUPP);
  if (GENERATE(false, true))
    d.files.plan().fail_all(call_kind::copy, EOPNOTSUPP);
  auto last = d.perform(file_copy{.path = "file", .target = "copy"});
  REQUIRE(d.succeeded());
  CHECK(last.bytes == file_bytes);
  CHECK(d.was_seen_between(&progress_figures::bytes));
  CHECK(d.is_monotonic());
}

TEST_CASE("a copy of a tree reports entries and bytes") {
  watched_disk d;
  auto last = d.perform(directory_copy{
    .path = "tree", .target = "copy", .overwrite = GENERATE(false, true)});
  REQUIRE(d.succeeded());
  // All entries except the top.
  CHECK(last.entries == 4);
  CHECK(last.bytes == file_bytes + small_bytes);
  CHECK(last.total_bytes == std::nullopt);
  CHECK(d.was_seen_between(&progress_figures::entries));
  CHECK(d.was_seen_between(&progress_figures::bytes));
  CHECK(d.is_monotonic());
  CHECK(d.was_at("tree"));
  CHECK(d.seen.back().path.starts_with("tree/"));
}

TEST_CASE("a removal of a tree reports its entries") {
  watched_disk d;
  auto last = d.perform(directory_delete{.path = "tree"});
  REQUIRE(d.succeeded());
  CHECK(last.entries == 5);
  CHECK(last.bytes == 0);
  CHECK(last.total_bytes == std::nullopt);
  CHECK(d.was_seen_between(&progress_figures::entries));
  CHECK(d.is_monotonic());
  CHECK(d.seen.back().path.starts_with("tree/"));
}

TEST_CASE(
  "a move of a tree to another device counts copied and removed entries") {
  watched_disk d;
  auto last = d.perform(directory_move{.path = "tree", .target = "far/tree"});
  REQUIRE(d.succeeded());
  CHECK(last.entries == 4 + 5);
  CHECK(last.bytes == file_bytes + small_bytes);
  CHECK(last.total_bytes == std::nullopt);
  CHECK(d.is_monotonic());
}

TEST_CASE("a checksum reports its bytes") {
  watched_disk d;
  auto last = d.perform(file_checksum{.path = "file"});
  REQUIRE(d.succeeded());
  CHECK(last.bytes == file_bytes);
  CHECK(d.was_seen_between(&progress_figures::bytes));
  CHECK(d.is_monotonic());
}

TEST_CASE("a walk reports its entries") {
  watched_disk d;
  auto last = d.perform(directory_walk{.path = "tree"});
  REQUIRE(d.succeeded());
  CHECK(last.entries == 4);
  CHECK(d.is_monotonic());
}

TEST_CASE("a second operation adds to the numbers of the first") {
  watched_disk d;
  d.perform(file_copy{.path = "file", .target = "copy"});
  auto last = d.perform(directory_delete{.path = "tree"});
  CHECK(last.bytes == file_bytes);
  CHECK(last.entries == 6);
  CHECK(d.is_monotonic());
}

TEST_CASE("a failed operation reports how far it was") {
  watched_disk d;
  d.files.plan().fail_all(call_kind::clone, EOPNOTSUPP);
  d.files.plan().fail_all(call_kind::copy, EOPNOTSUPP);
  d.files.plan().fail(call_kind::write, 3, ENOSPC);
  auto last = d.perform(file_copy{.path = "file", .target = "copy"});
  REQUIRE(!d.succeeded());
  CHECK(last.bytes < file_bytes);
  CHECK(last.total_bytes == file_bytes);
  CHECK(last.entries == 0);
}
