// Walking a tree page by page.

#include "catch.hpp"
#include "op_disk.hpp"

#include "spindle/fs/glob.hpp"
#include "spindle/fs/kept_walks.hpp"

#include <algorithm>
#include <filesystem>
#include <functional>
#include <random>

using namespace spindle;
using namespace spindle::fs;
using kit::code_of;
using kit::output_of;
using namespace std::literals;

namespace {

void plant_few(vfs& files, const std::string& top) {
  auto& start = files.start();
  // Unlike in byte order, a walk returns "a/x" before "a.txt".
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
/// @param between is called after each page.
std::vector<std::string> walk(
  vfs& files, directory_walk op, const limits& bounds = {},
  kept_walks* walks = nullptr, const std::function<void()>& between = [] {}) {
  std::vector<std::string> res;
  do {
    auto page = output_of(kit::perform(files, op, bounds, walks));
    between();
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

TEST_CASE("a walk lists all entries in order, with pages of any size") {
  kit::op_disk d{GENERATE("posix", "memory", "rooted")};
  plant_few(d.files(), d / "top");
  auto limit = GENERATE(1u, 2u, 3u, 5u, 11u, 12u, 1000u);
  CHECK(walk(d.files(), {.path = d / "top", .limit = limit}) == all);
  kept_walks kept;
  CHECK(walk(d.files(), {.path = d / "top", .limit = limit}, {}, &kept) == all);
  CHECK(kept.empty());
  CHECK(walk(d.files(), {.path = d / "top"}, {.listed_entries = limit}) == all);
  auto first = output_of(d(directory_walk{.path = d / "top", .limit = 1}));
  CHECK(first.entries == std::vector<walk_entry>{{"a", file_type::directory}});
  CHECK(first.next == "a");
}

TEST_CASE("a walk respects its maximum depth") {
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

TEST_CASE("a walk lists matching entries, and reports its end") {
  kit::op_disk d{GENERATE("posix", "memory", "rooted")};
  plant_few(d.files(), d / "top");
  auto limit = GENERATE(1u, 3u, 1000u);
  kept_walks kept;
  auto* walks = GENERATE(false, true) ? &kept : nullptr;
  auto matching = [&](const std::string& glob) {
    return walk(d.files(), {.path = d / "top", .glob = glob, .limit = limit},
                {}, walks);
  };
  CHECK(matching("*.txt") == std::vector<std::string>{"a.txt", "\xff.txt"});
  CHECK(matching("**/*.txt")
        == std::vector<std::string>{"a/b/c/z.txt", "a/x.txt", "a.txt",
                                    "e/.hidden.txt", "\xff.txt"});
  CHECK(matching("*/*.txt")
        == std::vector<std::string>{"a/x.txt", "e/.hidden.txt"});
  CHECK(matching("none").empty());
}

TEST_CASE("a walk continues at its place, even if that entry is gone") {
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

TEST_CASE("a walk skips entries before its page") {
  auto memory = std::make_shared<memory_vfs>();
  faulty_vfs files{memory};
  plant_few(files, "top");
  std::vector<std::string> opened;
  files.plan().observe([&](call_kind kind, const std::string& path) {
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

TEST_CASE("a walk reads each directory once, however small its pages") {
  kit::op_disk d{GENERATE("posix", "memory", "rooted")};
  faulty_vfs files{vfs_ptr{vfs_ptr{}, &d.files()}};
  auto& start = files.start();
  kit::value_of(files.make_directory(start, d / "top", 0755));
  for (auto name : {"a", "b", "c"}) {
    kit::value_of(files.make_directory(start, d / ("top/"s + name), 0755));
    for (int i = 0; i < 2000; ++i)
      kit::value_of(files.make_link(
        "x", start, d / ("top/"s + name + "/" + std::to_string(i))));
  }
  directory_walk op{.path = d / "top", .limit = 10'000};
  auto whole = walk(files, op);
  CHECK(whole.size() == 6003);
  auto reads = files.plan().calls(call_kind::list);
  kept_walks kept;
  op.limit = 7;
  CHECK(walk(files, op, {}, &kept) == whole);
  CHECK(files.plan().calls(call_kind::list) == 2 * reads);
}

TEST_CASE(
  "a walk finds all unchanged entries despite changes between its pages") {
  std::mt19937 random{GENERATE(range(1u, 40u))};
  kit::op_disk d{GENERATE("posix", "memory", "rooted")};
  auto& files = d.files();
  auto& start = files.start();
  auto path = [&](size_t i, const char* kind) {
    return d
         / ("top/d" + std::to_string(i % 5) + "/" + kind + std::to_string(i));
  };
  kit::value_of(files.make_directory(start, d / "top", 0755));
  std::vector<std::string> expected;
  for (size_t i = 0; i < 5; ++i)
    kit::value_of(
      files.make_directory(start, d / ("top/d" + std::to_string(i)), 0755));
  std::vector<std::string> fickle;
  for (size_t i = 0; i < 60; ++i) {
    kit::value_of(files.make_link("x", start, path(i, "stays")));
    expected.push_back(path(i, "stays").substr((d / "top/").size()));
    fickle.push_back(path(i, "goes"));
  }
  std::sort(expected.begin(), expected.end());
  auto change = [&] {
    for (int i = 0; i < 10; ++i) {
      const auto& which = fickle[random() % fickle.size()];
      if (!files.remove_file(start, which))
        kit::value_of(files.make_link("x", start, which));
    }
    // The entries of a replaced directory count as changed.
    auto swapped = d / ("top/z" + std::to_string(random() % 3));
    if (!files.remove_directory(start, swapped))
      static_cast<void>(files.make_directory(start, swapped, 0755));
  };
  kept_walks kept;
  auto* walks = GENERATE(false, true) ? &kept : nullptr;
  auto limit = static_cast<uint32_t>(1 + random() % 9);
  auto found
    = walk(files, {.path = d / "top", .limit = limit}, {}, walks, change);
  CHECK(std::is_sorted(found.begin(), found.end()));
  CHECK(std::adjacent_find(found.begin(), found.end()) == found.end());
  CHECK(std::includes(found.begin(), found.end(), expected.begin(),
                      expected.end()));
}

TEST_CASE("a walk continues although its place is not kept any more") {
  memory_vfs files;
  plant_few(files, "top");
  auto now = steady_time{};
  kept_walks kept{[&now] { return now; }};
  auto page = [&](const std::string& after, uint32_t limit = 2) {
    directory_walk op{.path = "top", .after = after, .limit = limit};
    return output_of(kit::perform(files, op, {}, &kept));
  };
  auto first = page("");
  CHECK(!kept.empty());
  SECTION("because it timed out") {
    now += kept_walks::max_age;
    kept.drop_old();
    CHECK(kept.empty());
  }
  SECTION("because another walk has used it") {
    CHECK(page(first.next).entries.size() == 2);
  }
  SECTION("because there are too many walks") {
    for (size_t i = 0; i < kept_walks::max_number; ++i)
      page(all[i % 5], static_cast<uint32_t>(i + 1) % 3 + 1);
  }
  SECTION("because the directory was replaced") {
    auto& start = files.start();
    kit::value_of(
      files.rename(start, "top", start, "old", rename_mode::replace));
    plant_few(files, "top");
    kit::value_of(files.remove_file(start, "top/a/b/y.cpp"));
    CHECK(page(first.next, 3).entries[2].path == "a/x.txt");
    return;
  }
  auto second = page(first.next);
  CHECK(second.entries[0].path == all[2]);
  CHECK(second.entries[1].path == all[3]);
}

TEST_CASE("a walk keeps nothing open between its pages") {
  kit::op_disk d{GENERATE("posix", "rooted")};
  plant_few(d.files(), d / "top");
  auto open_now = [] {
    auto all = std::filesystem::directory_iterator{"/proc/self/fd"};
    return std::distance(begin(all), end(all));
  };
  auto before = open_now();
  kept_walks kept;
  output_of(kit::perform(
    d.files(), directory_walk{.path = d / "top", .limit = 4}, {}, &kept));
  CHECK(!kept.empty());
  CHECK(open_now() == before);
}

TEST_CASE("the places of walks are kept in bounded memory") {
  kept_walks kept;
  memory_vfs files;
  auto& start = files.start();
  constexpr size_t count = 20'000;
  for (size_t i = 0; i < count; ++i)
    kit::value_of(
      files.make_link("x", start, std::string(200, 'n') + std::to_string(i)));
  // Each place takes more than 20,000 times 200 bytes, so not all can be kept.
  std::vector<std::string> cursors;
  for (uint32_t i = 1; i <= 30; ++i)
    cursors.push_back(
      output_of(
        kit::perform(files, directory_walk{.path = ".", .limit = i}, {}, &kept))
        .next);
  CHECK(kept.memory() <= kept_walks::max_memory);
  CHECK(kept.memory() > kept_walks::max_memory / 2);
  for (uint32_t i = 1; i <= 30; ++i)
    CHECK(walk(files, {.path = ".", .after = cursors[i - 1], .limit = 9999}, {},
               &kept)
            .size()
          == count - i);
  CHECK(kept.memory() <= kept_walks::max_memory);
}

TEST_CASE(
  "several pages have the same entries as a single one, on random trees") {
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

TEST_CASE("a walk refuses invalid requests") {
  kit::op_disk d{GENERATE("posix", "memory", "rooted")};
  plant_few(d.files(), d / "top");
  CHECK(code_of(d(directory_walk{.path = d / "none"})) == "not_found");
  CHECK(code_of(d(directory_walk{.path = d / "top/a.txt"}))
        == "not_a_directory");
  CHECK(code_of(d(directory_walk{.path = d / "top", .limit = 0}))
        == "invalid_argument");
  auto pattern = [](size_t size) {
    return directory_walk{.path = ".", .glob = std::string(size, '[')};
  };
  CHECK(code_of(d(pattern(max_glob_bytes + 1))) == "invalid_argument");
  CHECK(output_of(d(pattern(max_glob_bytes))).entries.empty());
  // A link to the top is followed.
  CHECK(output_of(d(directory_walk{.path = d / "top/d/up"})).entries.size()
        == all.size());
}

TEST_CASE("a walk names directories that it cannot read") {
  auto memory = std::make_shared<memory_vfs>();
  faulty_vfs files{memory};
  plant_few(files, "top");
  auto error = GENERATE(EACCES, EIO, EMFILE, ENOENT);
  files.plan().fail(call_kind::open_directory, 2, error);
  auto page = output_of(kit::perform(files, directory_walk{.path = "top"}));
  CHECK(page.entries.size() == 7);
  // A directory that vanished meanwhile is not reported.
  CHECK(page.unreadable
        == (error == ENOENT ? std::vector<entry_failure>{}
                            : std::vector<entry_failure>{{"a", error}}));
}
