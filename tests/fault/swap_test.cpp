// Another process continuously exchanges directories and files with links that
// lead out of the root, while each operation runs on paths through them. No
// operation may read, write, create or remove anything outside.

#include "arena.hpp"
#include "catch.hpp"
#include "op_cases.hpp"
#include "patience.hpp"
#include "perform_awaiting.hpp"

#include "spindle/fs/posix/rooted_vfs.hpp"
#include "spindle/fs/stream.hpp"
#include "spindle/fs/sweep.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <set>

using namespace spindle;
using namespace spindle::fs;

namespace {

/// Number of exchanges for each operation, divided among its cases.
constexpr uint64_t exchanges_per_operation = 100'000;

/// Result of one attempt.
struct attempt_outcome {
  int sys_errno = 0;
  /// How the attempt reached the outside; empty if it did not.
  std::string breach;
};

/// An operation to attempt repeatedly.
struct swap_case {
  /// Begins with the name of the operation.
  std::string name;
  std::function<attempt_outcome(vfs&)> run;
  /// Whether "d" and "e" must be restored afterwards.
  bool changes;
  uint64_t exchanges = exchanges_per_operation;
};

// -- detection of breaches ----------------------------------------------------

std::string if_breached(bool breached, const char* what) {
  return breached ? what : "";
}

bool is_only_outside(const std::string& path) {
  return path.find("only_outside") != std::string::npos;
}

/// Detects answers that reveal something about the outside.
struct breach_detector {
  const fault::arena& where;

  std::string operator()(const done&) const {
    return {};
  }

  /// `exists` is only called for paths that exist outside but not inside.
  std::string operator()(bool exists) const {
    return if_breached(exists, "the existence of a file outside was revealed");
  }

  /// For the text of a link, or a checksum.
  std::string operator()(const std::string& text) const {
    // The checksum of the sentinel.
    static const std::string checksum = [] {
      memory_vfs files;
      files.write_file("/f", fault::sentinel);
      return kit::output_of(kit::perform(files, file_checksum{"/f"}));
    }();
    return if_breached(text == fault::sentinel || text == checksum,
                       "a link or checksum outside was read");
  }

  std::string operator()(const buffer& bytes) const {
    return if_breached(bytes.text().find(fault::sentinel)
                         != std::string_view::npos,
                       "content outside was read");
  }

  std::string operator()(const directory_listing& entries) const {
    auto found = std::any_of(entries.begin(), entries.end(), [](auto& entry) {
      return is_only_outside(entry.name);
    });
    return if_breached(found, "a directory outside was listed");
  }

  std::string operator()(const walk_page& page) const {
    auto found
      = std::any_of(page.entries.begin(), page.entries.end(),
                    [](auto& entry) { return is_only_outside(entry.path); });
    return if_breached(found, "a directory outside was walked");
  }

  std::string operator()(const file_info& info) const {
    return if_breached(where.inodes().count({info.device, info.inode}) > 0,
                       "attributes of a file outside were read");
  }

  /// Only /proc has a capacity of 0.
  std::string operator()(const space_info& space) const {
    return if_breached(space.capacity == 0,
                       "the space of another file system was read");
  }
};

// -- cases --------------------------------------------------------------------

attempt_outcome outcome_of(const fault::arena& where, const answer& found) {
  if (!found)
    return {found.error().sys_errno, {}};
  return {0, std::visit(breach_detector{where}, *found)};
}

swap_case of_operation(const fault::arena& where, std::string name,
                       operation op) {
  auto changes = std::visit(
    []<class Op>(const Op&) {
      constexpr bool has_durability = requires(Op x) {
        x.durability;
      };
      return has_durability && !std::is_same_v<Op, file_sync>;
    },
    op);
  auto run = [&where, op = std::move(op)](vfs& files) -> attempt_outcome {
    return outcome_of(where, execute(files, op));
  };
  return {std::move(name), std::move(run), changes};
}

/// A read whose calls an engine makes.
swap_case of_awaited_read(const fault::arena& where, engine& with) {
  auto run = [&where, &with](vfs& files) -> attempt_outcome {
    return outcome_of(where,
                      kit::perform_awaiting(files, file_read{"d/f"}, with));
  };
  return {"file_read", std::move(run), false};
}

/// Returns a path of the kit's cases, changed to lead through an exchanged
/// directory.
std::string through_exchanged(const std::string& path) {
  return path.starts_with("far/") ? "e/" + path.substr(4) : "d/" + path;
}

/// Adds all operations of the kit; all their paths lead through exchanged
/// directories.
void add_operations(const fault::arena& where, std::vector<swap_case>& to) {
  for (auto& [name, op] : kit::op_cases(durability::full)) {
    auto moved = op;
    std::visit(
      []<class Op>(Op& x) {
        x.path = through_exchanged(x.path);
        if constexpr (std::is_same_v<Op, file_exists>)
          x.path = "d/only_outside/file";
        if constexpr (std::is_same_v<Op, directory_exists>)
          x.path = "d/only_outside";
        if constexpr (std::is_same_v<Op, disk_space>)
          x.path = "s";
        if constexpr (std::is_same_v<Op, directory_walk>)
          x.limit = 1000;
        if constexpr (requires { x.target; }
                      && !std::is_same_v<Op, symlink_create>)
          x.target = through_exchanged(x.target);
      },
      moved);
    to.push_back(of_operation(where, name, std::move(moved)));
  }
}

/// Adds cases that the kit lacks: operations on the exchanged directories.
void add_directories(const fault::arena& where, std::vector<swap_case>& to) {
  auto add = [&](std::string name, operation op) {
    to.push_back(of_operation(where, std::move(name), std::move(op)));
  };
  add("directory_contents of the exchanged", directory_contents{"d"});
  add("directory_walk of the exchanged", directory_walk{.path = "d"});
  add("file_stat of the exchanged", file_stat{"e"});
  add("directory_copy of the exchanged", directory_copy{"d", "e/n"});
  add("set_permissions of a directory", set_permissions{"d/d", 0700});
  add("set_times of a directory",
      set_times{.path = "e/d", .accessed = file_time{}});
  add("file_delete below", file_delete{"d/d/f"});
  add("file_write two levels below",
      file_write{"e/d/f", buffer{"new"}, write_mode::update});
}

/// Writes in steps, as background writers do.
attempt_outcome write_in_steps(vfs& files, const std::string& path,
                               write_mode mode) {
  stream to{vfs_ptr{vfs_ptr{}, &files},
            {.path = path, .mode = mode, .durability = durability::data}};
  for (auto step = 0; step < 3; ++step)
    if (auto put = to.write(kit::bytes_of("step"), steady_time::max()); !put)
      return {put.error().sys_errno, {}};
  auto finished = to.finish();
  return {finished ? 0 : finished.error().sys_errno, {}};
}

void add_streams(std::vector<swap_case>& to) {
  for (size_t i = 0; i < write_mode_count; ++i) {
    auto mode = static_cast<write_mode>(i);
    for (auto path : {"d/f", "e/n"})
      if (mode != write_mode::create_new || path[2] == 'n')
        to.push_back(
          {"stream " + to_string(mode) + " to " + path,
           [=](vfs& files) { return write_in_steps(files, path, mode); },
           true});
  }
}

std::vector<swap_case> all_cases(const fault::arena& where) {
  std::vector<swap_case> res;
  add_operations(where, res);
  add_directories(where, res);
  add_streams(res);
  std::map<std::string, uint64_t> cases;
  auto operation_of
    = [](const swap_case& x) { return x.name.substr(0, x.name.find(' ')); };
  for (auto& x : res)
    ++cases[operation_of(x)];
  for (auto& x : res)
    x.exchanges = exchanges_per_operation / cases[operation_of(x)] + 1;
  return res;
}

// -- attempts -----------------------------------------------------------------

/// Counts of the results.
struct tally {
  uint64_t worked = 0;
  uint64_t refused = 0;
  uint64_t exchanges = 0;
  /// How an attempt reached the outside; empty if none did.
  std::string breach;
};

/// Makes up to 50 attempts during the exchanges.
void try_some(vfs& files, const swap_case& what, tally& to) {
  for (auto attempt = 0; attempt < 50 && to.breach.empty(); ++attempt) {
    auto [sys_errno, breach] = what.run(files);
    to.worked += sys_errno == 0 ? 1 : 0;
    to.refused += sys_errno == EACCES || sys_errno == ELOOP ? 1 : 0;
    to.breach = breach;
  }
}

/// Makes attempts until there were enough exchanges or a breach, or patience is
/// over.
/// @param both_ways whether attempts must also have succeeded and been refused
///                  at least once each.
tally try_often(fault::arena& where, vfs& files, const swap_case& what,
                bool both_ways) {
  tally res;
  auto before = where.outside();
  fault::exchanger other{where};
  auto until = kit::end_of_patience();
  auto is_enough = [&] {
    return other.count() >= what.exchanges
        && (!both_ways || (res.worked > 0 && res.refused > 0));
  };
  while (!is_enough() && res.breach.empty()
         && std::chrono::steady_clock::now() < until) {
    try_some(files, what, res);
    // Slow, so only where a breach is wanted.
    if (!both_ways && where.outside() != before)
      break;
    if (!what.changes)
      continue;
    other.pause();
    if (where.inside().find(fault::sentinel) != std::string::npos)
      res.breach = "content from outside was copied";
    where.restore();
    other.resume();
  }
  res.exchanges = other.count();
  if (res.breach.empty() && where.outside() != before)
    res.breach = "a file outside was changed";
  return res;
}

/// Changes the working directory; restores it when destroyed.
class working_directory {
public:
  explicit working_directory(const std::string& path)
      : before_(std::filesystem::current_path()) {
    std::filesystem::current_path(path);
  }

  working_directory(const working_directory&) = delete;

  working_directory& operator=(const working_directory&) = delete;

  ~working_directory() {
    std::filesystem::current_path(before_);
  }

private:
  std::filesystem::path before_;
};

} // namespace

TEST_CASE("no operation leaves the root during exchanges") {
  fault::arena where;
  auto files = kit::rooted_at(where.root());
  auto names = where.names();
  for (auto& what : all_cases(where)) {
    auto res = try_often(where, *files, what, true);
    CAPTURE(what.name, res.worked, res.refused);
    CHECK(res.breach == "");
    CHECK(res.exchanges >= what.exchanges);
    // Both are needed: otherwise no attempt met an exchanged link, or all did.
    CHECK(res.worked > 0);
    CHECK(res.refused > 0);
    CHECK(where.names() == names);
  }
}

TEST_CASE("no engine leaves the root during exchanges") {
  auto kind = GENERATE(engine_kind::threads, engine_kind::ring);
  auto with = make_engine(kind, 4);
  if (!with) {
    WARN("skipped: this machine does not allow io_uring");
    return;
  }
  fault::arena where;
  auto what = of_awaited_read(where, *with);
  SECTION("with a confined disk") {
    auto files = kit::rooted_at(where.root());
    auto res = try_often(where, *files, what, true);
    CAPTURE(res.worked, res.refused);
    CHECK(res.breach == "");
    CHECK(res.exchanges >= what.exchanges);
    CHECK(res.worked > 0);
    CHECK(res.refused > 0);
  }
  SECTION("which this test would detect") {
    working_directory here{where.root()};
    posix_vfs files;
    what.exchanges = UINT64_MAX;
    CHECK(!try_often(where, files, what, false).breach.empty());
  }
}

TEST_CASE("the cases cover all operations") {
  std::set<size_t> kinds;
  for (auto& [name, op] : kit::op_cases(durability::full))
    kinds.insert(op.index());
  CHECK(kinds.size() == operation_kinds);
}

TEST_CASE("no sweep leaves the root during exchanges") {
  fault::arena where;
  auto files = kit::rooted_at(where.root());
  swap_case sweep{
    "sweep",
    [](vfs& disk) {
      sweep_leftovers(disk);
      auto seen = sweep_leftovers(disk, "d");
      auto failed = !seen.entries.empty();
      return attempt_outcome{failed ? seen.entries.front().sys_errno : 0, {}};
    },
    false};
  auto res = try_often(where, *files, sweep, true);
  CHECK(res.breach == "");
  CHECK(res.worked > 0);
  CHECK(res.refused > 0);
}

TEST_CASE("the test detects operations that are not confined") {
  const std::set<std::string> names{
    "file_read",        "file_write update to f",
    "directory_delete", "directory_contents of the exchanged",
    "file_stat",        "file_checksum",
    "file_exists",      "disk_space",
    "symlink_read",     "set_permissions",
    "file_copy to n",   "stream append to d/f"};
  std::set<std::string> out;
  for (auto& name : names) {
    // A new arena for each case, because a breach may change the outside.
    fault::arena where;
    working_directory here{where.root()};
    posix_vfs files;
    for (auto& what : all_cases(where)) {
      // However often the other process exchanges between two attempts.
      what.exchanges = UINT64_MAX;
      if (what.name == name
          && !try_often(where, files, what, false).breach.empty())
        out.insert(name);
    }
  }
  CHECK(out == names);
}
