// Simulated crashes of memory_vfs: which data survives.

#include "catch.hpp"
#include "vfs_disks.hpp"

#include <map>
#include <set>

using namespace spindle;
using namespace spindle::fs;

using kit::bytes_of;
using kit::value_of;

namespace {

constexpr uint64_t crashes = 1000;

/// A memory_vfs with shorthands for the calls that matter for crashes.
struct crash_fixture {
  memory_vfs disk;

  file_ptr open(const std::string& path,
                const open_options& how = {.write = true, .create = true}) {
    return value_of(disk.open(disk.start(), path, how));
  }

  void write(const std::string& path, const std::string& text,
             uint64_t offset = 0) {
    value_of(open(path)->write_at(offset, bytes_of(text)));
  }

  void sync_file(const std::string& path, sync_mode mode = sync_mode::data) {
    value_of(open(path, {})->sync(mode));
  }

  void sync_names(const std::string& path) {
    value_of(value_of(disk.open_directory(disk.start(), path, true))->sync());
  }

  void make_directory(const std::string& path) {
    value_of(disk.make_directory(disk.start(), path, 0755));
  }

  void rename(const std::string& from, const std::string& to,
              rename_mode mode = rename_mode::replace) {
    value_of(disk.rename(disk.start(), from, disk.start(), to, mode));
  }

  void remove(const std::string& path) {
    value_of(disk.remove_file(disk.start(), path));
  }

  /// Calls `look` with the state after each of many random crashes.
  template <class Look>
  void crash(Look look) const {
    for (uint64_t seed = 0; seed < crashes; ++seed) {
      INFO("seed " << seed);
      look(*disk.after_crash(seed));
    }
  }

  /// Returns all contents that a file has after crashes; "none" if it is lost.
  std::set<std::string> contents(const std::string& path) const {
    std::set<std::string> found;
    crash([&](memory_vfs& after) {
      found.insert(after.read_file(path).value_or("none"));
    });
    return found;
  }

  /// Returns all trees that crashes leave.
  std::set<std::string> trees() const {
    std::set<std::string> found;
    crash([&](memory_vfs& after) { found.insert(after.tree()); });
    return found;
  }
};

using strings = std::set<std::string>;

} // namespace

// -- content ------------------------------------------------------------------

TEST_CASE("synced data survives every crash") {
  crash_fixture box;
  box.make_directory("d");
  box.write("d/f", "abc");
  box.sync_file("d/f");
  box.sync_names("d");
  box.sync_names("/");
  box.write("other", "x");
  CHECK(box.contents("d/f") == strings{"abc"});
}

TEST_CASE("unsynced data may be lost, partly or completely") {
  crash_fixture box;
  box.write("f", std::string(1024, 'o'));
  box.disk.sync_all();
  box.write("f", std::string(1024, 'n'));
  CHECK(box.contents("f")
        == strings{std::string(1024, 'o'),
                   std::string(512, 'n') + std::string(512, 'o'),
                   std::string(1024, 'n')});
}

TEST_CASE("a torn write ends at the end of a sector") {
  crash_fixture box;
  box.write("f", std::string(1500, 'o'));
  box.disk.sync_all();
  box.write("f", std::string(1000, 'n'), 100);
  auto torn_at = [](size_t end) {
    return std::string(100, 'o') + std::string(end - 100, 'n')
         + std::string(1500 - end, 'o');
  };
  CHECK(box.contents("f")
        == strings{torn_at(100), torn_at(512), torn_at(1024), torn_at(1100)});
}

TEST_CASE(
  "any subset of the writes may survive, and the new size without them") {
  crash_fixture box;
  box.write("f", "a");
  box.disk.sync_all();
  box.write("f", "b", 1);
  box.write("f", "c", 2);
  auto zero = std::string(1, '\0');
  CHECK(box.contents("f")
        == strings{"a", "ab", "a" + zero, "abc", "ab" + zero, "a" + zero + "c",
                   "a" + zero + zero});
}

TEST_CASE("a truncation may be lost although later writes survive") {
  crash_fixture box;
  box.write("f", "old content");
  box.disk.sync_all();
  value_of(box.open("f")->truncate(0));
  box.write("f", "new");
  auto found = box.contents("f");
  CHECK(found.count("old content") == 1);
  CHECK(found.count("newold") == 0);
  CHECK(found.count("new content") == 1);
  CHECK(found.count("new") == 1);
  CHECK(found.count("") == 1);
  box.sync_file("f");
  CHECK(box.contents("f") == strings{"new"});
}

TEST_CASE("the name of a synced file may be lost") {
  crash_fixture box;
  box.write("f", "abc");
  box.sync_file("f", sync_mode::full);
  CHECK(box.contents("f") == strings{"none", "abc"});
  box.sync_names("/");
  CHECK(box.contents("f") == strings{"abc"});
}

TEST_CASE("a durable name does not make content durable") {
  crash_fixture box;
  box.write("f", "abc");
  box.sync_names("/");
  CHECK(box.contents("f") == strings{"", std::string(3, '\0'), "abc"});
}

TEST_CASE("permissions and times need a full sync") {
  crash_fixture box;
  box.write("f", "abc");
  box.disk.sync_all();
  value_of(box.disk.set_permissions(box.disk.start(), "f", 0600));
  box.sync_file("f", sync_mode::data);
  CHECK(box.trees() == strings{"f 644 \"abc\"\n", "f 600 \"abc\"\n"});
  box.sync_file("f", sync_mode::full);
  CHECK(box.trees() == strings{"f 600 \"abc\"\n"});
}

TEST_CASE("a failed sync makes nothing durable") {
  auto disk = std::make_shared<memory_vfs>();
  disk->write_file("f", "old");
  disk->sync_all();
  faulty_vfs faulty{disk};
  auto file = value_of(
    faulty.open(faulty.start(), "f", {.write = true, .truncate = true}));
  value_of(file->write(bytes_of("new")));
  faulty.plan().fail(call_kind::sync, 1, EIO);
  CHECK(kit::error_of(file->sync(sync_mode::full)) == EIO);
  strings found;
  for (uint64_t seed = 0; seed < crashes; ++seed)
    found.insert(disk->after_crash(seed)->read_file("f").value_or("none"));
  CHECK(found.count("old") == 1);
  CHECK(found.count("new") == 1);
}

// -- names --------------------------------------------------------------------

TEST_CASE("changes of names in a directory survive in their order") {
  crash_fixture box;
  box.disk.write_file("a", "");
  box.rename("a", "b");
  box.disk.write_file("c", "");
  box.remove("b");
  CHECK(box.trees()
        == strings{"", "a 644 \"\"\n", "b 644 \"\"\n",
                   "b 644 \"\"\nc 644 \"\"\n", "c 644 \"\"\n"});
  box.sync_names("/");
  CHECK(box.trees() == strings{"c 644 \"\"\n"});
}

TEST_CASE("a removed file may be back after a crash, with its content") {
  crash_fixture box;
  box.write("f", "abc");
  box.disk.sync_all();
  box.remove("f");
  CHECK(box.contents("f") == strings{"none", "abc"});
  box.sync_names("/");
  CHECK(box.contents("f") == strings{"none"});
}

TEST_CASE("the content of a directory is lost with its name") {
  crash_fixture box;
  box.make_directory("d");
  box.write("d/f", "abc");
  box.sync_file("d/f");
  box.sync_names("d");
  CHECK(box.trees() == strings{"", "d/ 755\nd/f 644 \"abc\"\n"});
}

TEST_CASE("a rename within a directory is atomic") {
  crash_fixture box;
  box.write("f", "old");
  box.write("g", "new");
  box.disk.sync_all();
  box.rename("g", "f");
  CHECK(box.trees()
        == strings{"f 644 \"old\"\ng 644 \"new\"\n", "f 644 \"new\"\n"});
}

TEST_CASE("a rename between directories is atomic") {
  auto synced = GENERATE(as<std::string>{}, "from", "to");
  CAPTURE(synced);
  crash_fixture box;
  box.make_directory("from");
  box.make_directory("to");
  box.write("from/f", "abc");
  box.disk.sync_all();
  box.rename("from/f", "to/g");
  auto before = "from/ 755\nfrom/f 644 \"abc\"\nto/ 755\n";
  auto after = "from/ 755\nto/ 755\nto/g 644 \"abc\"\n";
  CHECK(box.trees() == strings{before, after});
  box.sync_names(synced);
  CHECK(box.trees() == strings{after});
}

TEST_CASE("a file that is moved repeatedly has exactly one name") {
  crash_fixture box;
  for (auto path : {"a", "b", "c"})
    box.make_directory(path);
  box.write("a/f", "1");
  box.disk.sync_all();
  box.rename("a/f", "b/f");
  box.rename("b/f", "c/f");
  std::string directories[] = {"a/ 755\n", "b/ 755\n", "c/ 755\n"};
  strings possible;
  for (size_t i = 0; i < 3; ++i) {
    auto name = std::string(1, static_cast<char>('a' + i));
    std::string tree;
    for (size_t j = 0; j < 3; ++j)
      tree += directories[j] + (i == j ? name + "/f 644 \"1\"\n" : "");
    possible.insert(tree);
  }
  CHECK(box.trees() == possible);
  box.sync_names("c");
  CHECK(box.trees() == strings{*possible.rbegin()});
}

TEST_CASE("an exchange between directories is atomic") {
  crash_fixture box;
  box.make_directory("d");
  box.write("d/f", "1");
  box.write("g", "2");
  box.disk.sync_all();
  box.rename("d/f", "g", rename_mode::exchange);
  CHECK(box.trees()
        == strings{"d/ 755\nd/f 644 \"1\"\ng 644 \"2\"\n",
                   "d/ 755\nd/f 644 \"2\"\ng 644 \"1\"\n"});
}

TEST_CASE("exchanged directories are never lost") {
  crash_fixture box;
  box.make_directory("p");
  box.make_directory("q");
  box.make_directory("p/y");
  box.make_directory("p/y/x");
  box.disk.sync_all();
  box.rename("p/y/x", "q/x");
  box.rename("p/y", "q/x/y");
  box.crash([](memory_vfs& after) {
    auto tree = after.tree();
    CHECK(std::count(tree.begin(), tree.end(), '\n') == 4);
  });
}

// -- whole trees --------------------------------------------------------------

TEST_CASE("the state after a crash is durable") {
  crash_fixture box;
  for (int i = 0; i < 10; ++i)
    box.write(std::to_string(i), std::string(1000, 'x'));
  auto first = box.disk.after_crash(7);
  auto tree = first->tree();
  for (uint64_t seed = 0; seed < 100; ++seed)
    CHECK(first->after_crash(seed)->tree() == tree);
}

TEST_CASE("a crash with the same seed leaves the same state") {
  auto play = [] {
    auto box = std::make_unique<crash_fixture>();
    for (int i = 0; i < 10; ++i) {
      box->make_directory("d" + std::to_string(i));
      box->write("d" + std::to_string(i) + "/f", std::string(5000, 'x'));
      box->rename("d" + std::to_string(i) + "/f", "f" + std::to_string(i));
    }
    return box;
  };
  auto one = play();
  auto other = play();
  for (uint64_t seed = 0; seed < 100; ++seed)
    CHECK(one->disk.after_crash(seed)->tree()
          == other->disk.after_crash(seed)->tree());
}

TEST_CASE("crashes reveal a missing step of a replacement") {
  const auto before = std::string(3000, 'o');
  const auto after = std::string(2000, 'n');
  auto replace = [&](bool sync_file, bool sync_directory) {
    crash_fixture box;
    box.write("f", before);
    box.disk.sync_all();
    box.write("f.tmp", after);
    if (sync_file)
      box.sync_file("f.tmp");
    box.rename("f.tmp", "f");
    if (sync_directory)
      box.sync_names("/");
    return box.contents("f");
  };
  CHECK(replace(true, false) == strings{before, after});
  CHECK(replace(true, true) == strings{after});
  CHECK(replace(false, false).size() > 2);
  CHECK(replace(false, true).count("") == 1);
}
