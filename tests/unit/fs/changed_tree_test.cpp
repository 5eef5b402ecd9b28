// What others do to files and directories while an operation on them rests:
// nothing is lost, and nothing outside of the tree is touched.

#include "catch.hpp"
#include "failure_of.hpp"
#include "op_cases.hpp"

#include <algorithm>
#include <functional>
#include <string>

using namespace spindle;
using namespace spindle::fs;

using kit::value_of;

namespace {

/// A disk with two devices that changes while operations rest.
struct changing_disk {
  std::shared_ptr<memory_vfs> memory = std::make_shared<memory_vfs>();
  faulty_vfs files{memory};
  progress_record record;
  size_t rests = 0;

  changing_disk() {
    memory->mount("far");
  }

  void make_directory(const std::string& path) {
    value_of(memory->make_directory(memory->start(), path, 0755));
  }

  void rename(const std::string& from, const std::string& to) {
    auto& start = memory->start();
    value_of(memory->rename(start, from, start, to, rename_mode::replace));
  }

  bool has(const std::string& path) {
    return memory->stat(memory->start(), path, false).has_value();
  }

  /// Returns the lines of a dump for this entry and those below it.
  std::string part(const std::string& name) {
    return kit::part_of(memory->tree(), name);
  }

  /// Performs the operation, resting wherever it may, with a change at one
  /// rest.
  failure run(const operation& op, size_t at,
              const std::function<void()>& change) {
    execution all{files, op, {}, {.progress = &record}};
    rests = 0;
    while (all.advance([] { return true; }) != pause::done)
      if (++rests == at)
        change();
    return kit::failure_of(all.take());
  }
};

const std::string& content() {
  // Several blocks.
  static const std::string res(200'000, 'x');
  return res;
}

} // namespace

// -- moves to another device --------------------------------------------------

TEST_CASE("a file that is changed while it is moved is not removed") {
  auto what = GENERATE(as<std::string>{}, "replaced", "rewritten", "extended",
                       "renamed");
  CAPTURE(what);
  size_t trials = 0;
  for (size_t at = 1;; ++at) {
    CAPTURE(at);
    changing_disk on;
    on.memory->write_file("f", content());
    on.memory->write_file("other", "other");
    on.memory->write_file("far/g", "old");
    auto why = on.run(file_move{"f", "far/g", true}, at, [&] {
      ++trials;
      if (what == "replaced")
        on.rename("other", "f");
      else if (what == "renamed")
        on.rename("f", "h");
      else
        on.memory->write_file("f", what == "rewritten"
                                     ? std::string(content().size(), 'y')
                                     : content() + "more");
    });
    if (on.rests < at)
      break;
    CHECK(why.path == "f");
    CHECK(why.sys_errno == (what == "renamed" ? ENOENT : EBUSY));
    CHECK(why.detail.ends_with("nothing was moved"));
    CHECK(on.memory->read_file("far/g") == "old");
    if (what == "renamed")
      CHECK(on.memory->read_file("h") == content());
    else if (what == "replaced")
      CHECK(on.memory->read_file("f") == "other");
    else
      CHECK(on.has("f"));
    CHECK(on.memory->tree().find(".spindle") == std::string::npos);
  }
  CHECK(trials > 2);
}

TEST_CASE("a directory that is replaced while it is moved is not removed") {
  auto is_replaced = GENERATE(false, true);
  size_t trials = 0;
  for (size_t at = 1;; ++at) {
    CAPTURE(at);
    changing_disk on;
    on.make_directory("d");
    on.memory->write_file("d/f", content());
    on.make_directory("e");
    on.memory->write_file("e/other", "other");
    std::string kept;
    auto why = on.run(directory_move{"d", "far/d"}, at, [&] {
      ++trials;
      on.rename("d", "moved");
      kept = on.part("moved");
      if (is_replaced)
        on.rename("e", "d");
    });
    if (on.rests < at)
      break;
    CHECK(why.path == "d");
    CHECK(why.detail.ends_with("the copy is complete"));
    CHECK(on.memory->read_file("far/d/f") == content());
    CHECK(on.part("moved") == kept);
    if (is_replaced)
      CHECK(on.memory->read_file("d/other") == "other");
  }
  CHECK(trials > 4);
}

// -- removals -----------------------------------------------------------------

namespace {

/// Adds a tree of four directories and 16 files at "a", in several levels.
void plant_tree(changing_disk& on) {
  for (auto directory : {"a", "a/b", "a/b/c", "a/d"}) {
    on.make_directory(directory);
    for (auto name : {"/1", "/2", "/3", "/4"})
      on.memory->write_file(std::string{directory} + name, "x");
  }
}

/// Number of entries of that tree, itself included.
constexpr uint64_t tree_size = 20;

uint64_t lines_of(const std::string& dump) {
  return static_cast<uint64_t>(std::count(dump.begin(), dump.end(), '\n'));
}

} // namespace

TEST_CASE("a directory that is moved out of a tree is not removed with it") {
  auto moved = GENERATE(as<std::string>{}, "a/b", "a/b/c", "a/d");
  CAPTURE(moved);
  size_t trials = 0;
  for (size_t at = 1;; ++at) {
    CAPTURE(at);
    changing_disk on;
    plant_tree(on);
    std::string kept;
    auto why = on.run(directory_delete{"a"}, at, [&] {
      if (!on.has(moved))
        return;
      ++trials;
      on.rename(moved, "out");
      kept = on.part("out");
    });
    if (on.rests < at)
      break;
    CHECK(why.code == errc::none);
    CHECK(on.memory->tree() == "far/ 755\n" + kept);
    // It counts as removed if it was seen in the tree, but nothing in it does.
    auto removed = tree_size - lines_of(kept);
    CHECK(on.record.read().entries - removed <= 1);
  }
  CHECK(trials > 4);
}

TEST_CASE("what failed in a directory that is moved out does not matter") {
  size_t trials = 0;
  for (size_t at = 1;; ++at) {
    CAPTURE(at);
    changing_disk on;
    on.make_directory("a");
    on.make_directory("a/b");
    for (auto name : {"1", "2", "3", "4"})
      on.memory->write_file(std::string{"a/b/"} + name, "x");
    auto& plan = on.files.plan();
    plan.fail(call_kind::remove_file, 1, EACCES);
    size_t tried = 0;
    auto why = on.run(directory_delete{"a"}, at, [&] {
      tried = plan.calls(call_kind::remove_file);
      on.rename("a/b", "out");
    });
    if (on.rests < at)
      break;
    CHECK(on.has("out"));
    if (tried == 0 || tried == 4)
      // Perhaps the directory was given up before it was moved.
      continue;
    ++trials;
    CHECK(why.code == errc::none);
    CHECK(!on.has("a"));
  }
  CHECK(trials == 3);
}

TEST_CASE("a link in the place of a directory is not followed") {
  size_t trials = 0;
  for (size_t at = 1;; ++at) {
    CAPTURE(at);
    changing_disk on;
    plant_tree(on);
    on.make_directory("out");
    for (auto name : {"1", "2", "3", "4"})
      on.memory->write_file(std::string{"out/"} + name, "x");
    auto others = on.part("out");
    std::string kept;
    auto why = on.run(directory_delete{"a"}, at, [&] {
      if (!on.has("a/b"))
        return;
      ++trials;
      on.rename("a/b", "moved");
      kept = on.part("moved");
      value_of(on.memory->make_link("/out", on.memory->start(), "a/b"));
    });
    if (on.rests < at)
      break;
    // The link is removed as any other entry.
    CHECK(why.code == errc::none);
    CHECK(!on.has("a"));
    CHECK(on.part("out") == others);
    CHECK(on.part("moved") == kept);
  }
  CHECK(trials > 8);
}

TEST_CASE("a tree that is moved while it is removed is removed no further") {
  auto is_replaced = GENERATE(false, true);
  size_t trials = 0;
  for (size_t at = 1;; ++at) {
    CAPTURE(at);
    changing_disk on;
    plant_tree(on);
    on.make_directory("other");
    on.memory->write_file("other/1", "x");
    std::string kept;
    auto why = on.run(directory_delete{"a"}, at, [&] {
      ++trials;
      on.rename("a", "out");
      if (is_replaced)
        on.rename("other", "a");
      kept = on.memory->tree();
    });
    if (on.rests < at)
      break;
    CHECK(why.path == "a");
    CHECK(why.sys_errno == ENOENT);
    CHECK(on.memory->tree() == kept);
  }
  CHECK(trials > 16);
}
