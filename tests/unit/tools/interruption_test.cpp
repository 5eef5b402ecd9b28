// A signal stops the current operation, which cleans up as after a failure.

#include "catch.hpp"
#include "failure_of.hpp"
#include "patience.hpp"
#include "temp_dir.hpp"

#include "cli/exit_code.hpp"
#include "cli/interruption.hpp"

#include "spindle/fs/execute.hpp"

#include <csignal>
#include <filesystem>
#include <fstream>
#include <memory>
#include <set>
#include <string>
#include <variant>

#include <unistd.h>

using namespace spindle;
using namespace spindle::tool;

namespace {

/// Sends SIGINT to this process at the n-th call of a kind, and waits until it
/// is handled.
void interrupt_at(interruption& stop, fs::call_kind kind, int n) {
  // Shared, because the disk calls a copy of the function each time.
  auto left = std::make_shared<int>(n);
  stop.disk()->plan().observe(
    [&stop, kind, left](fs::call_kind found, const std::string&) {
      if (found != kind || --*left != 0)
        return;
      ::kill(::getpid(), SIGINT);
      kit::await([&stop] { return stop.requested(); });
    });
}

/// Returns the names of all entries below a directory.
std::set<std::string> names_in(const kit::temp_dir& dir) {
  std::set<std::string> res;
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator{dir.path()})
    res.insert(entry.path().filename().string());
  return res;
}

failure failure_of(fs::vfs& disk, operation what) {
  return kit::failure_of(fs::execute(disk, what));
}

} // namespace

TEST_CASE("a copy that a signal stops is removed") {
  kit::temp_dir dir;
  std::ofstream{dir / "source"} << std::string(100'000, 'x');
  auto kind
    = GENERATE(fs::call_kind::open, fs::call_kind::clone, fs::call_kind::close);
  interruption stop{"cp", false};
  interrupt_at(stop, kind, kind == fs::call_kind::open ? 2 : 1);
  auto why = failure_of(
    *stop.disk(), file_copy{.path = dir / "source", .target = dir / "target"});
  CHECK(is_interrupted(why));
  CHECK(stop.requested());
  CHECK(names_in(dir) == std::set<std::string>{"source"});
  CHECK(stop.finish(exit_failed) == exit_failed);
}

TEST_CASE("a tree whose copy a signal stops has complete files only") {
  kit::temp_dir dir;
  std::filesystem::create_directory(dir / "source");
  for (auto i = 0; i < 10; ++i)
    std::ofstream{dir / ("source/" + std::to_string(i))} << "text";
  interruption stop{"cp", false};
  interrupt_at(stop, fs::call_kind::open, 9);
  auto why = failure_of(*stop.disk(), directory_copy{.path = dir / "source",
                                                     .target = dir / "target"});
  CHECK(is_interrupted(why));
  for (const auto& name : names_in(dir))
    CHECK(!name.starts_with(".spindle-"));
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator{dir.path()})
    if (entry.is_regular_file())
      CHECK(entry.file_size() == 4);
}

TEST_CASE("an operation that was complete before the signal succeeds") {
  interruption stop{"cp", false};
  CHECK(stop.finish(exit_success) == exit_success);
  CHECK(!stop.requested());
}
