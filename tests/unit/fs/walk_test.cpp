// Walking a tree page by page.

#include "catch.hpp"
#include "op_disk.hpp"

#include "spindle/fs/glob.hpp"

#include <algorithm>
#include <random>

using namespace spindle;
using namespace spindle::fs;
using kit::code_of;
using kit::output_of;

namespace {

void plant_few(vfs& files, const std::string& top) {
  auto& start = files.start();
  // In the order of bytes, "a.txt" is before "a/x", but not in a walk.
  for (auto name : {"", "/a", "/a/b", "/a/b/c", "/d", "/e"})
    kit::value_of(files.make_directory(start, top + name, 0755));
  for (auto name : {"/a.txt", "/a/x.txt", "/a/b/y.cpp", "/a/b/c/z.txt",
                    "/e/.hidden.txt", "/\xff.txt"})
    output_of(kit::perform(files, file_create{top + name}));
  kit::value_of(files.make_link("..", start, top + "/d/up"));
}

const std::vector<std::string> all{
  "a",     "a/b", "a/b/c", "a/b/c/z.txt", "a/b/y.cpp",     "a/x.txt",
  "a.txt", "d",   "d/up",  "e",           "e/.hidden.txt", "\xff.txt",
};

/// Returns the paths of all pages.
std::vector<std::string> walk(vfs& files, directory_walk op,
                              const limits& bounds = {}) {
  std::vector<std::string> res;
  do {
    auto page = output_of(kit::perform(files, op, bounds));
    if (page.entries.size() > op.limit
        || page.entries.size() > bounds.listed_entries)
      throw std::logic_error{"page too large"};
    for (auto& entry : page.entries)
      res.push_back(entry.path);
    op.after = page.next;
  } while (!op.after.empty());
  return res;
}

} // namespace

TEST_CASE("a walk lists all in order, whatever the size of its pages") {
  kit::op_disk d{GENERATE("posix", "memory", "rooted")};
  plant_few(d.files(), d / "top");
  auto limit = GENERATE(1u, 2u, 3u, 5u, 11u, 12u, 1000u);
  CHECK(walk(d.files(), {.path = d / "top", .limit = limit}) == all);
  CHECK(walk(d.files(), {.path = d / "top"}, {.listed_entries = limit}) == all);
  auto first = output_of(d(directory_walk{.path = d / "top", .limit = 1}));
  CHECK(first.entries == std::vector<walk_entry>{{"a", file_type::directory}});
  CHECK(first.next == "a");
}

TEST_CASE("a walk goes as deep as it is told") {
  kit::op_disk d{GENERATE("posix", "memory", "rooted")};
  plant_few(d.files(), d / "top");
  auto limit = GENERATE(1u, 2u, 1000u);
  auto deep = [&](uint32_t levels) {
    return walk(d.files(),
                {.path = d / "top", .max_depth = levels, .limit = limit});
  };
  CHECK(deep(1)
        == std::vector<std::string>{"a", "a.txt", "d", "e", "\xff.txt"});
  auto two = all;
  std::erase_if(
    two, [](auto& x) { return std::count(x.begin(), x.end(), '/') > 1; });
  CHECK(deep(2) == two);
  CHECK(deep(4) == all);
}

TEST_CASE("a walk lists what matches, and says when that was all") {
  kit::op_disk d{GENERATE("posix", "memory", "rooted")};
  plant_few(d.files(), d / "top");
  auto limit = GENERATE(1u, 3u, 1000u);
  auto matching = [&](const std::string& glob) {
    return walk(d.files(), {.path = d / "top", .glob = glob, .limit = limit});
  };
  CHECK(matching("*.txt") == std::vector<std::string>{"a.txt", "\xff.txt"});
  CHECK(matching("**/*.txt")
        == std::vector<std::string>{"a/b/c/z.txt", "a/x.txt", "a.txt",
                                    "e/.hidden.txt", "\xff.txt"});
  CHECK(matching("*/*.txt")
        == std::vector<std::string>{"a/x.txt", "e/.hidden.txt"});
  CHECK(matching("none").empty());
}

TEST_CASE("a pattern matches as documented") {
  CHECK(glob{""}.matches("any/thing"));
  CHECK(glob{"*"}.matches("a"));
  CHECK(glob{"*"}.matches(".a"));
  CHECK_FALSE(glob{"*"}.matches("a/b"));
  CHECK(glob{"a?[b-d]"}.matches("axc"));
  CHECK_FALSE(glob{"a?c"}.matches("a/c"));
  CHECK(glob{"\\*"}.matches("*"));
  CHECK_FALSE(glob{"\\*"}.matches("a"));
  CHECK(glob{"**/b/c"}.matches("b/c"));
  CHECK(glob{"**/b/c"}.matches("x/y/b/c"));
  CHECK(glob{"**/**/c"}.matches("c"));
  CHECK_FALSE(glob{"**/c"}.matches("xc"));
}

TEST_CASE("a walk goes on where it was, even if that is gone") {
  kit::op_disk d{GENERATE("posix", "memory", "rooted")};
  plant_few(d.files(), d / "top");
  auto after = [&](const std::string& path) {
    auto page = output_of(
      d(directory_walk{.path = d / "top", .after = path, .limit = 1}));
    return page.entries.empty() ? "" : page.entries[0].path;
  };
  CHECK(after("a/b/c/z.txt") == "a/b/y.cpp");
  output_of(d(directory_delete{d / "top/a/b"}));
  CHECK(after("a/b/c/z.txt") == "a/x.txt");
  CHECK(after("a/b") == "a/x.txt");
  d.put("top/a/b", "now a file");
  CHECK(after("a/b/c/z.txt") == "a/x.txt");
  output_of(d(directory_delete{d / "top/a"}));
  CHECK(after("a/b/c/z.txt") == "a.txt");
  CHECK(after("\xff.txt").empty());
  CHECK(after("../..") == "a.txt");
  CHECK(after("//") == "a.txt");
}

TEST_CASE("a walk skips what is before its page") {
  auto memory = std::make_shared<memory_vfs>();
  faulty_vfs files{memory};
  plant_few(files, "top");
  std::vector<std::string> opened;
  files.observe([&](call_kind kind, const std::string& path) {
    if (kind == call_kind::open_directory)
      opened.push_back(path);
  });
  output_of(kit::perform(files, directory_walk{.path = "top", .after = "d"}));
  CHECK(opened.size() == 3);
}

TEST_CASE("a directory larger than a page is walked with little memory") {
  memory_vfs files;
  auto& start = files.start();
  std::vector<std::string> names;
  for (int i = 0; i < 10'000; ++i) {
    names.push_back("n" + std::to_string(i));
    kit::value_of(files.make_link("x", start, names.back()));
  }
  std::sort(names.begin(), names.end());
  auto limit = GENERATE(999u, 4096u, 20'000u);
  CHECK(walk(files, {.path = ".", .limit = limit}) == names);
}

TEST_CASE("pages together give what one page gives, on random trees") {
  std::mt19937 random{GENERATE(range(1u, 30u))};
  memory_vfs files;
  auto& start = files.start();
  std::vector<std::string> directories{"."};
  for (int i = 0; i < 60; ++i) {
    auto path = directories[random() % directories.size()] + '/';
    path += static_cast<char>("!-.a"[random() % 4]);
    path += static_cast<char>("!-.a"[random() % 4]);
    if (path.ends_with("/.."))
      continue;
    if (random() % 2 == 0 && files.make_directory(start, path, 0755))
      directories.push_back(path);
    else
      static_cast<void>(files.make_link("x", start, path));
  }
  auto whole = walk(files, {.path = ".", .limit = 1000});
  for (auto limit : {1u, 2u, 7u})
    CHECK(walk(files, {.path = ".", .limit = limit}) == whole);
}

TEST_CASE("a walk refuses what it cannot do") {
  kit::op_disk d{GENERATE("posix", "memory", "rooted")};
  plant_few(d.files(), d / "top");
  CHECK(code_of(d(directory_walk{.path = d / "none"})) == "not_found");
  CHECK(code_of(d(directory_walk{.path = d / "top/a.txt"}))
        == "not_a_directory");
  CHECK(code_of(d(directory_walk{.path = d / "top", .limit = 0}))
        == "invalid_argument");
  // A link to the top is followed.
  CHECK(output_of(d(directory_walk{.path = d / "top/d/up"})).entries.size()
        == all.size());
}

TEST_CASE("a walk names directories that it cannot read") {
  auto memory = std::make_shared<memory_vfs>();
  faulty_vfs files{memory};
  plant_few(files, "top");
  auto error = GENERATE(EACCES, EIO, EMFILE, ENOENT);
  files.fail(call_kind::open_directory, 2, error);
  auto page = output_of(kit::perform(files, directory_walk{.path = "top"}));
  CHECK(page.entries.size() == 7);
  // One that has gone meanwhile is nothing to speak of.
  CHECK(page.unreadable
        == (error == ENOENT ? std::vector<entry_failure>{}
                            : std::vector<entry_failure>{{"a", error}}));
}
