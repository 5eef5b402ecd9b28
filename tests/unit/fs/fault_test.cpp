// Lets every call of every operation fail once. The operation must report it,
// clean up, and leave its target either old or new.

#include "catch.hpp"
#include "failure_of.hpp"
#include "op_cases.hpp"

#include <array>

using namespace spindle;
using namespace spindle::fs;

namespace {

/// An operation on a faulty disk, and its effect.
struct trial {
  std::shared_ptr<memory_vfs> memory = std::make_shared<memory_vfs>();
  faulty_vfs files{memory};

  trial() {
    kit::plant(*memory);
  }

  /// Performs the operation; returns its failure, or an empty one.
  failure run(const operation& op) {
    return kit::failure_of(execute(files, op));
  }
};

/// The paths that the cases replace.
constexpr std::array targets{"f", "e", "far/f", "far/e"};

bool replaces(const operation& op) {
  return std::visit(
    [](auto& x) {
      if constexpr (requires { x.overwrite; })
        return x.overwrite;
      else if constexpr (requires { x.mode; })
        return x.mode == write_mode::replace;
      else
        return false;
    },
    op);
}

} // namespace

TEST_CASE("every operation succeeds on a disk without faults") {
  auto level = GENERATE(durability::none, durability::data, durability::full);
  for (auto& [name, op] : kit::op_cases(level)) {
    CAPTURE(name);
    trial t;
    auto why = t.run(op);
    CAPTURE(to_string(why));
    CHECK(why.code == errc::none);
    CHECK(t.memory->tree().find(".spindle") == std::string::npos);
    CHECK((level != durability::none
           || t.files.plan().calls(call_kind::sync) == 0
           || name.find("far") != std::string::npos
           || name.starts_with("file_write replace") || name == "file_sync"));
  }
}

TEST_CASE("every operation reports every call that fails, and cleans up") {
  auto level = GENERATE(durability::none, durability::full);
  size_t trials = 0;
  for (auto& [name, op] : kit::op_cases(level)) {
    trial untouched;
    auto before = untouched.memory->tree();
    untouched.run(op);
    auto after = untouched.memory->tree();
    for (size_t nth = 1; nth <= untouched.files.plan().calls(); ++nth) {
      CAPTURE(name, nth);
      trial t;
      call_kind failed{};
      t.files.plan().observe([&](call_kind kind, const std::string&) {
        if (t.files.plan().calls() == nth)
          failed = kind;
      });
      t.files.plan().fail_any(nth, EIO);
      auto why = t.run(op);
      CAPTURE(to_string(failed), to_string(why));
      ++trials;
      auto now = t.memory->tree();
      auto reported = why.sys_errno == EIO;
      if (auto* walk = std::get_if<directory_walk>(&op); walk && !reported)
        // A page names the directories that it could not read.
        reported = true;
      if (failed == call_kind::hold && !reported) {
        // The operation only takes longer.
        reported = true;
        CHECK(now == after);
      }
      CHECK(reported);
      auto leftover = now.find(".spindle-") != std::string::npos;
      auto named = why.detail.find(".spindle-") != std::string::npos;
      CHECK(leftover == named);
      // The operation is complete, although a crash may undo it.
      auto says_done = why.detail.find("a crash may undo") != std::string::npos;
      CHECK((!says_done || now == after || now != before));
      if (!replaces(op))
        continue;
      auto says_undone = why.detail.find("as it was") != std::string::npos;
      for (auto target : targets) {
        auto part = kit::part_of(now, target);
        CHECK((part == kit::part_of(before, target)
               || part == kit::part_of(after, target)));
        CHECK((!says_undone || part == kit::part_of(before, target)));
        if (part != kit::part_of(before, target)
            && failed == call_kind::sync_directory)
          CHECK(says_done);
      }
    }
  }
  CHECK(trials > 500);
}

TEST_CASE("every operation works with short transfers") {
  for (auto& [name, op] : kit::op_cases(durability::data)) {
    CAPTURE(name);
    trial whole;
    trial piecemeal;
    piecemeal.files.plan().limit_transfers(1);
    whole.run(op);
    CHECK(piecemeal.run(op).code == errc::none);
    CHECK(piecemeal.memory->tree() == whole.memory->tree());
  }
}

TEST_CASE("a sync that failed is not repeated on the same file") {
  trial t;
  t.files.plan().fail(call_kind::sync, 1, EIO);
  auto mode = GENERATE(write_mode::truncate, write_mode::replace);
  auto why = t.run(file_write{.path = "f",
                              .data = buffer{"new"},
                              .mode = mode,
                              .durability = durability::full});
  CHECK(why.code == errc::io_error);
  CHECK(t.files.plan().calls(call_kind::sync) == 1);
  CHECK(t.memory->read_file("f")
        == (mode == write_mode::replace ? "old" : "new"));
}

TEST_CASE("an error of close is reported as an error of the write") {
  trial t;
  t.files.plan().fail(call_kind::close, 1, EDQUOT);
  auto why = t.run(file_write{.path = "f", .data = buffer{"new"}});
  CHECK(why.code == errc::no_space);
  // The system does not say which bytes are lost.
  CHECK(why.done == 0);
  CHECK(why.detail == "nothing is known of what was written");
}

TEST_CASE("a write that failed claims nothing if its close fails, too") {
  trial t;
  t.files.plan().limit_transfers(1);
  t.files.plan().fail(call_kind::write, 2, EIO);
  t.files.plan().fail(call_kind::close, 1, ENOSPC);
  auto why = t.run(file_write{.path = "f", .data = buffer{"new"}});
  CHECK(why.code == errc::io_error);
  CHECK(why.done == 0);
  CHECK(why.detail == "nothing is known of what was written");
}

TEST_CASE("a temporary file that cannot be removed is named") {
  trial t;
  t.files.plan().fail(call_kind::sync, 1, EIO);
  t.files.plan().fail(call_kind::remove_file, 1, EROFS);
  auto why = t.run(file_write{
    .path = "f", .data = buffer{"new"}, .mode = write_mode::replace});
  CHECK(why.code == errc::io_error);
  CHECK(why.detail.starts_with("the temporary file \".spindle-"));
  CHECK(why.detail.find(".tmp\" could not be removed") != std::string::npos);
}

TEST_CASE("the error names no temporary file that was never created") {
  auto check = [](const operation& op, call_kind kind, size_t nth) {
    trial t;
    t.files.plan().fail(kind, nth, EROFS);
    t.files.plan().fail_all(call_kind::remove_file, EROFS);
    auto why = t.run(op);
    CHECK(why.code == errc::read_only);
    CHECK(why.detail == "");
  };
  // The first call opens the source, the second the target.
  check(file_copy{.path = "f", .target = "new"}, call_kind::open, 2);
  check(symlink_create{.path = "new", .target = "f", .overwrite = true},
        call_kind::make_link, 1);
  check(
    file_write{.path = "f", .data = buffer{"new"}, .mode = write_mode::replace},
    call_kind::open, 1);
}
