// Operations on one file: exists, create, delete, read, write, checksum.

#include "catch.hpp"
#include "failure_of.hpp"
#include "op_disk.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <optional>
#include <thread>

#include <xxhash.h>

using namespace spindle;
using namespace spindle::fs;
using namespace std::literals;
using kit::code_of;
using kit::failure_of;
using kit::output_of;
using kit::pattern;
using kit::read_text;

// -- file_exists --------------------------------------------------------------

TEST_CASE("file_exists tells files from directories") {
  kit::op_disk d{GENERATE("posix", "memory", "rooted")};
  d.put("file", "x");
  kit::value_of(d.make_directory("dir"));
  kit::value_of(d.make_link("file", "to-file"));
  kit::value_of(d.make_link("dir", "to-dir"));
  kit::value_of(d.make_link("nowhere", "dangling"));
  kit::value_of(d.make_link("loop", "loop"));
  CHECK(output_of(d(file_exists{d / "file"})));
  CHECK(output_of(d(file_exists{d / "to-file"})));
  CHECK_FALSE(output_of(d(file_exists{d / "dir"})));
  CHECK_FALSE(output_of(d(file_exists{d / "to-dir"})));
  CHECK_FALSE(output_of(d(file_exists{d / "missing"})));
  CHECK_FALSE(output_of(d(file_exists{d / "dangling"})));
  CHECK_FALSE(output_of(d(file_exists{d / "file/below"})));
  CHECK_FALSE(output_of(d(file_exists{""})));
  CHECK(code_of(d(file_exists{d / "loop"})) == "too_many_links");
  CHECK(code_of(d(file_exists{d / std::string(300, 'n')})) == "name_too_long");
}

// -- file_create --------------------------------------------------------------

TEST_CASE("file_create creates an empty file, and fails if it exists") {
  kit::op_disk d{GENERATE("posix", "memory", "rooted")};
  output_of(d(file_create{.path = d / "f", .permissions = 0600}));
  CHECK(d.dump() == "f 600 \"\"\n");
  auto again = failure_of(d(file_create{.path = d / "f"}));
  CHECK(again.code == errc::already_exists);
  CHECK(again.sys_errno == EEXIST);
  CHECK(again.path == d / "f");
  CHECK(code_of(d(file_create{.path = d / "g/"})) == "is_a_directory");
  CHECK(code_of(d(file_create{.path = ""})) == "not_found");
  CHECK(code_of(d(file_create{.path = d / "f/g"})) == "not_a_directory");
  CHECK(code_of(d(file_create{.path = d / "no/f"})) == "not_found");
  CHECK(code_of(d(file_create{.path = d / "nul\0x"s})) == "invalid_argument");
}

TEST_CASE("file_create creates missing parents on request") {
  kit::op_disk d{GENERATE("posix", "memory", "rooted")};
  auto level = GENERATE(durability::none, durability::full);
  auto overwrite = GENERATE(false, true);
  output_of(d(file_create{.path = d / "a/b//c/f",
                          .overwrite = overwrite,
                          .parents = true,
                          .durability = level}));
  CHECK(d.dump() == "a/ 755\na/b/ 755\na/b/c/ 755\na/b/c/f 644 \"\"\n");
  CHECK(code_of(d(file_create{
          .path = d / "a/b/c/f/g/h", .overwrite = overwrite, .parents = true}))
        == "not_a_directory");
}

TEST_CASE("file_create replaces a file, and nothing but files") {
  kit::op_disk d{GENERATE("posix", "memory", "rooted")};
  d.put("f", "old");
  kit::value_of(d.files().set_permissions(d.base(), "f", 0640));
  auto create = [&](const std::string& name) {
    return d(file_create{.path = d / name, .overwrite = true});
  };
  output_of(create("f"));
  CHECK(d.dump() == "f 640 \"\"\n");
  kit::value_of(d.make_directory("dir"));
  CHECK(code_of(create("dir")) == "is_a_directory");
  CHECK(code_of(create("dir/")) == "is_a_directory");
  CHECK(code_of(create("dir/..")) == "is_a_directory");
  CHECK(code_of(create(".")) == "is_a_directory");
  CHECK(d.names_in() == "dir f ");
}

// -- file_delete --------------------------------------------------------------

TEST_CASE("file_delete removes files and links") {
  kit::op_disk d{GENERATE("posix", "memory", "rooted")};
  auto level = GENERATE(durability::none, durability::data);
  d.put("file", "x");
  kit::value_of(d.make_directory("dir"));
  kit::value_of(d.make_link("dir", "link"));
  output_of(d(file_delete{d / "file", level}));
  output_of(d(file_delete{d / "link", level}));
  CHECK(d.names_in() == "dir ");
  CHECK(code_of(d(file_delete{d / "dir", level})) == "is_a_directory");
  CHECK(code_of(d(file_delete{d / "file", level})) == "not_found");
}

// -- file_read ----------------------------------------------------------------

TEST_CASE("file_read returns the bytes given by offset and length") {
  kit::op_disk d{GENERATE("posix", "memory", "rooted")};
  auto size = GENERATE(0u, 1u, 4096u, 65535u, 65536u, 65537u, 300000u);
  CAPTURE(size);
  auto text = pattern(size);
  d.put("f", text);
  CHECK(read_text(d, {.path = d / "f"}) == text);
  for (auto offset : {0u, 1u, 65536u, 299999u, 400000u})
    for (auto length : {0u, 1u, 65536u, 70000u, 1000000u}) {
      CAPTURE(offset, length);
      auto expected
        = offset < size ? text.substr(offset, length) : std::string{};
      CHECK(read_text(d, {d / "f", offset, length}) == expected);
    }
}

TEST_CASE("file_read continues after short reads") {
  auto memory = std::make_shared<memory_vfs>();
  faulty_vfs files{memory};
  files.plan().limit_transfers(1000);
  auto text = pattern(200000);
  memory->write_file("f", text);
  CHECK(output_of(kit::perform(files, file_read{"f"})).text() == text);
  CHECK(output_of(kit::perform(files, file_read{"f", 7})).text()
        == text.substr(7));
}

TEST_CASE(
  "file_read refuses anything but files, and files that are too large") {
  kit::op_disk d{GENERATE("posix", "memory", "rooted")};
  auto size = GENERATE(101u, 100000u);
  d.put("f", pattern(size));
  kit::value_of(d.make_directory("dir"));
  CHECK(code_of(d(file_read{d / "dir"})) == "is_a_directory");
  CHECK(code_of(d(file_read{d / "dir", 0, 0})) == "is_a_directory");
  CHECK(code_of(d(file_read{d / "none"})) == "not_found");
  auto bounds = limits{.read_bytes = size - 1};
  auto why = failure_of(d(file_read{d / "f"}, bounds));
  CHECK(why.code == errc::too_large);
  CHECK(why.sys_errno == 0);
  CHECK(why.detail
        == "there are more than " + std::to_string(size - 1) + " bytes");
  CHECK(read_text(d, {d / "f", 1, 1u << 31}, bounds).size() == size - 1);
  CHECK(read_text(d, {d / "f", 0, size - 1}, bounds).size() == size - 1);
  CHECK(read_text(d, {d / "f", 0, size}, bounds) == "too_large");
  bounds.read_bytes = size;
  CHECK(read_text(d, {.path = d / "f"}, bounds).size() == size);
}

TEST_CASE("file_read reads files whose size is reported as 0") {
  posix_vfs files;
  auto maps = output_of(kit::perform(files, file_read{"/proc/self/maps"}));
  CHECK(maps.text().find("[stack]") != std::string::npos);
  auto zeros
    = output_of(kit::perform(files, file_read{"/dev/zero", 0, 1'000'000}));
  CHECK(zeros.text() == std::string(1'000'000, '\0'));
  CHECK(code_of(kit::perform(files, file_read{"/dev/zero"},
                             {.read_bytes = 1'000'000}))
        == "too_large");
}

TEST_CASE("file_read reads a file that grows or shrinks meanwhile") {
  auto memory = std::make_shared<memory_vfs>();
  faulty_vfs files{memory};
  memory->write_file("f", pattern(200000));
  auto new_size = GENERATE(100000u, 500000u);
  size_t reads = 0;
  files.plan().observe([&](call_kind kind, const std::string&) {
    if (kind == call_kind::read && ++reads == 2)
      memory->write_file("f", pattern(new_size));
  });
  auto res = output_of(kit::perform(files, file_read{"f"}));
  CHECK(res.text() == pattern(new_size));
}

// -- file_write ---------------------------------------------------------------

TEST_CASE("file_write implements each mode") {
  kit::op_disk d{GENERATE("posix", "memory", "faulty", "rooted")};
  auto level = GENERATE(durability::none, durability::data, durability::full);
  auto write = [&](write_mode mode, uint64_t offset, const std::string& text) {
    return d(file_write{.path = d / "f",
                        .data = buffer{text},
                        .mode = mode,
                        .offset = offset,
                        .durability = level});
  };
  using enum write_mode;
  SECTION("on a file that exists") {
    d.put("f", "0123456789");
    output_of(write(update, 2, "ab"));
    CHECK(d.text("f") == "01ab456789");
    output_of(write(update, 0, "cd"));
    CHECK(d.text("f") == "cdab456789");
    output_of(write(append, 0, "ef"));
    CHECK(d.text("f") == "cdab456789ef");
    output_of(write(truncate, 3, "gh"));
    CHECK(d.text("f") == "cdagh");
    output_of(write(truncate, 0, "ij"));
    CHECK(d.text("f") == "ij");
    output_of(write(replace, 0, "kl"));
    CHECK(d.text("f") == "kl");
    CHECK(code_of(write(create_new, 0, "no")) == "already_exists");
    CHECK(d.text("f") == "kl");
  }
  SECTION("on a file that does not exist") {
    auto mode = GENERATE(update, append, truncate, replace, create_new);
    output_of(write(mode, 0, "text"));
    CHECK(d.dump() == "f 644 \"text\"\n");
  }
  SECTION("beyond the end of a file") {
    auto mode = GENERATE(update, truncate, create_new);
    output_of(write(mode, 3, "text"));
    CHECK(d.text("f") == "\0\0\0text"s);
  }
  SECTION("without data") {
    auto mode = GENERATE(update, append, truncate, replace, create_new);
    output_of(write(mode, 0, ""));
    CHECK(d.text("f").empty());
  }
  SECTION("an offset that makes no sense is refused") {
    auto mode = GENERATE(append, replace);
    auto why = failure_of(write(mode, 1, "x"));
    CHECK(why.code == errc::invalid_argument);
    CHECK(why.detail
          == "the offset must be 0 with the mode " + to_string(mode));
    CHECK(d.names_in().empty());
  }
}

TEST_CASE("file_write continues after short writes") {
  auto memory = std::make_shared<memory_vfs>();
  faulty_vfs files{memory};
  files.plan().limit_transfers(100);
  auto text = pattern(5000);
  auto write = [&](write_mode mode, uint64_t offset) {
    output_of(kit::perform(files, file_write{.path = "f",
                                             .data = buffer{text},
                                             .mode = mode,
                                             .offset = offset}));
    return *memory->read_file("f");
  };
  for (auto mode : {write_mode::truncate, write_mode::append,
                    write_mode::replace, write_mode::update}) {
    static_cast<void>(memory->remove_file(memory->start(), "f"));
    CHECK(write(mode, 0) == text);
  }
  for (auto mode : {write_mode::truncate, write_mode::update})
    CHECK(write(mode, 3) == text.substr(0, 3) + text);
}

TEST_CASE("file_write fails on anything but a file") {
  kit::op_disk d{GENERATE("posix", "memory", "rooted")};
  kit::value_of(d.make_directory("dir"));
  auto mode = GENERATE(write_mode::truncate, write_mode::append,
                       write_mode::replace, write_mode::update);
  auto write = [&](const std::string& name) {
    return code_of(
      d(file_write{.path = name, .data = buffer{"x"}, .mode = mode}));
  };
  CHECK(write(d / "dir") == "is_a_directory");
  CHECK(write(d / "dir/") == "is_a_directory");
  CHECK(write(d / "dir/..") == "is_a_directory");
  CHECK(write(d / "new/") == "is_a_directory");
  CHECK(write(".") == "is_a_directory");
  CHECK(write("") == "not_found");
  CHECK(write(d / "no/f") == "not_found");
  CHECK(write(d / "nul\0x"s) == "invalid_argument");
  CHECK(d.dump() == "dir/ 755\n");
}

TEST_CASE("file_write reports how much it wrote before the disk was full") {
  memory_vfs files;
  files.write_file("f", "old");
  files.set_capacity(1000);
  SECTION("in place") {
    auto why = failure_of(kit::perform(
      files, file_write{.path = "f", .data = buffer{pattern(5000)}}));
    CHECK(why.code == errc::no_space);
    CHECK(why.sys_errno == ENOSPC);
    CHECK(why.done == 1000);
    CHECK(why.detail == "written up to offset 1000");
    CHECK(files.read_file("f") == pattern(1000));
  }
  SECTION("the old file stays with mode replace") {
    auto why = failure_of(
      kit::perform(files, file_write{.path = "f",
                                     .data = buffer{pattern(5000)},
                                     .mode = write_mode::replace}));
    CHECK(why.code == errc::no_space);
    CHECK(why.done == 0);
    CHECK(why.detail == "the target is as it was");
    CHECK(files.tree() == "f 644 \"old\"\n");
  }
}

TEST_CASE("file_write replaces a link, and keeps permissions of a file") {
  kit::op_disk d{GENERATE("posix", "memory", "rooted")};
  d.put("f", "old");
  kit::value_of(d.make_link("f", "link"));
  kit::value_of(d.files().set_permissions(d.base(), "f", 04666));
  auto replace = [&](const std::string& name) {
    output_of(d(file_write{
      .path = d / name, .data = buffer{"new"}, .mode = write_mode::replace}));
  };
  replace("link");
  CHECK(d.text("f") == "old");
  CHECK(d.dump().find("link 644 \"new\"") != std::string::npos);
  replace("f");
  CHECK(d.permissions("f") == 0666);
  CHECK(d.text("f") == "new");
  CHECK(d.names_in() == "f link ");
}

TEST_CASE("a reader of a file that is being replaced sees a complete version") {
  kit::temp_dir home;
  auto path = home / "f";
  auto version = [](char c) { return buffer{std::string(100'000, c)}; };
  auto write = [&](posix_vfs& files, char c) {
    output_of(kit::perform(files, file_write{.path = path,
                                             .data = version(c),
                                             .mode = write_mode::replace}));
  };
  posix_vfs files;
  write(files, 'a');
  std::atomic<int> writing{2};
  std::vector<std::thread> writers;
  for (char first : {'a', 'n'})
    writers.emplace_back([&, first] {
      posix_vfs own;
      for (int i = 0; i < 100; ++i)
        write(own, static_cast<char>(first + i % 13));
      --writing;
    });
  size_t torn = 0;
  do {
    auto text = output_of(kit::perform(files, file_read{path}));
    if (text.size() != 100'000
        || text.text().find_first_not_of(text.text()[0]) != std::string::npos)
      ++torn;
  } while (writing > 0);
  for (auto& writer : writers)
    writer.join();
  CHECK(torn == 0);
  CHECK(output_of(kit::perform(files, directory_contents{home.path()})).size()
        == 1);
}

// -- file_truncate ------------------------------------------------------------

TEST_CASE("file_truncate shrinks and grows a file") {
  kit::op_disk d{GENERATE("posix", "memory", "rooted")};
  auto level = GENERATE(durability::none, durability::data, durability::full);
  d.put("f", "0123456789");
  output_of(d(file_truncate{d / "f", 4, level}));
  CHECK(d.text("f") == "0123");
  output_of(d(file_truncate{d / "f", 6, level}));
  CHECK(d.text("f") == "0123\0\0"s);
  kit::value_of(d.make_directory("dir"));
  CHECK(code_of(d(file_truncate{d / "dir", 0, level})) == "is_a_directory");
  CHECK(code_of(d(file_truncate{d / "none", 0, level})) == "not_found");
  CHECK(d.names_in() == "dir f ");
}

// -- file_checksum ------------------------------------------------------------

TEST_CASE("file_checksum returns the hash that xxhsum -H2 prints") {
  kit::op_disk d{GENERATE("posix", "memory", "rooted")};
  d.put("empty", "");
  CHECK(output_of(d(file_checksum{d / "empty"}))
        == "99aa06d3014798d86001c324468d497f");
  auto text = pattern(200'000);
  d.put("f", text);
  auto hash = XXH3_128bits(text.data(), text.size());
  char expected[33];
  std::snprintf(expected, sizeof(expected), "%016llx%016llx",
                static_cast<unsigned long long>(hash.high64),
                static_cast<unsigned long long>(hash.low64));
  CHECK(output_of(d(file_checksum{d / "f"})) == expected);
  kit::value_of(d.make_directory("dir"));
  CHECK(code_of(d(file_checksum{d / "dir"})) == "is_a_directory");
  CHECK(code_of(d(file_checksum{d / "none"})) == "not_found");
}

TEST_CASE("file_checksum of a range equals that of a file with these bytes") {
  kit::op_disk d{GENERATE("posix", "memory")};
  auto text = pattern(200'000);
  d.put("f", text);
  auto check = [&](uint64_t offset, std::optional<uint64_t> length) {
    CAPTURE(offset, length.value_or(0));
    auto begin = std::min<size_t>(offset, text.size());
    d.put("part", text.substr(begin, length.value_or(text.size())));
    CHECK(output_of(d(file_checksum{d / "f", offset, length}))
          == output_of(d(file_checksum{d / "part"})));
  };
  // Blocks have 64 KiB.
  check(0, 0);
  check(0, 1);
  check(0, 65'536);
  check(0, 65'537);
  check(1, 199'999);
  check(100'000, std::nullopt);
  check(150'000, 100'000);
  check(200'000, std::nullopt);
  check(300'000, 5);
  CHECK(code_of(d(file_checksum{d / "none", 0, 0})) == "not_found");
}
