// Removing, replacing and truncating large files: other operations can use the
// disk meanwhile, and readers that have a removed file open still read all of
// it.

#include "catch.hpp"
#include "failure_of.hpp"
#include "no_memory.hpp"
#include "op_disk.hpp"
#include "patience.hpp"
#include "two_devices.hpp"

#include "spindle/fs/freed_space.hpp"
#include "spindle/fs/perform.hpp"
#include "spindle/fs/posix/closer.hpp"
#include "spindle/fs/stream.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <map>
#include <new>
#include <string>
#include <thread>
#include <variant>

using namespace spindle;
using namespace spindle::fs;
using namespace std::literals;

using kit::bytes_of;
using kit::error_of;
using kit::mib;
using kit::output_of;
using kit::value_of;

namespace {

/// The content of a large file.
const std::string& much() {
  static const std::string res(large_file_bytes + 5, 'm');
  return res;
}

/// Waits as long as it takes.
void wait_free(held_file& what) {
  REQUIRE(kit::await([&] { return what.wait_free(10ms); }));
}

std::string rest_of(file& from) {
  std::string res;
  for (;;) {
    auto part = value_of(kit::read_text(from, 1 << 20));
    if (part.empty())
      return res;
    res += part;
  }
}

} // namespace

// -- holding ------------------------------------------------------------------

TEST_CASE("only large files with one name are held") {
  ON_EACH_DISK(on);
  auto held = [&](const std::string& path) {
    return value_of(on.files().hold(on.base(), path)) != nullptr;
  };
  on.put("small", "1");
  on.put("large", much());
  value_of(on.make_directory("d"));
  value_of(on.make_link("large", "link"));
  on.make_fifo("fifo");
  auto sparse = value_of(on.open("sparse", {.write = true, .create = true}));
  value_of(sparse->truncate(2 * large_file_bytes));
  CHECK(held("large"));
  CHECK(held("d/../large"));
  for (auto name : {"small", "d", "link", "fifo", "sparse"}) {
    CAPTURE(name);
    CHECK(!held(name));
  }
  CHECK(error_of(on.files().hold(on.base(), "missing")) == ENOENT);
  CHECK(error_of(on.files().hold(on.base(), "large/")) == ENOTDIR);
  value_of(on.files().make_hard_link(on.base(), "large", on.base(), "second"));
  CHECK(!held("large"));
  CHECK(!held("second"));
  CHECK(on.get("large") == much());
}

TEST_CASE("a held file can be removed, and its disk space becomes free") {
  ON_EACH_DISK(on);
  on.put("f", much());
  auto held = value_of(on.files().hold(on.base(), "f"));
  REQUIRE(held);
  value_of(on.remove_file("f"));
  CHECK(error_of(on.stat("f")) == ENOENT);
  wait_free(*held);
  CHECK(held->wait_free(0ms));
}

TEST_CASE("a held file that keeps its name keeps its content") {
  ON_EACH_DISK(on);
  on.put("f", much());
  auto held = value_of(on.files().hold(on.base(), "f"));
  REQUIRE(held);
  wait_free(*held);
  held.reset();
  CHECK(on.get("f") == much());
}

TEST_CASE("a held file that gets another name keeps its content") {
  ON_EACH_DISK(on);
  on.put("f", much());
  auto held = value_of(on.files().hold(on.base(), "f"));
  REQUIRE(held);
  value_of(on.files().make_hard_link(on.base(), "f", on.base(), "g"));
  value_of(on.remove_file("f"));
  wait_free(*held);
  CHECK(on.stat("g")->links == 1);
  CHECK(on.get("g") == much());
}

TEST_CASE("remove_and_hold removes files, and holds large ones") {
  ON_EACH_DISK(on);
  auto remove = [&](const std::string& path) {
    return on.files().remove_and_hold(on.base(), path);
  };
  value_of(on.make_directory("d"));
  on.put("small", "1");
  on.put("d/small", "1");
  on.put("large", much());
  on.put("d/large", much());
  value_of(on.make_link("large", "link"));
  CHECK(error_of(remove("d")) == EISDIR);
  CHECK(error_of(remove("d/.")) == EISDIR);
  CHECK(error_of(remove("large/")) == ENOTDIR);
  CHECK(error_of(remove("missing")) == ENOENT);
  for (auto path : {"small", "d/small", "link"}) {
    CAPTURE(path);
    CHECK(!value_of(remove(path)));
    CHECK(error_of(on.files().stat(on.base(), path, false)) == ENOENT);
  }
  for (auto path : {"large", "d/../d/large"}) {
    CAPTURE(path);
    auto held = value_of(remove(path));
    REQUIRE(held);
    CHECK(error_of(on.stat(path)) == ENOENT);
    wait_free(*held);
  }
}

TEST_CASE("in memory, a held file uses disk space until it is released") {
  memory_vfs disk;
  auto& start = disk.start();
  auto used = [&] {
    auto space = value_of(disk.disk_space(start, "/"));
    return space.capacity - space.free;
  };
  disk.write_file("f", much());
  disk.set_free_delay(1);
  auto held = value_of(disk.hold(start, "f"));
  value_of(disk.remove_file(start, "f"));
  CHECK(used() == much().size());
  CHECK(!held->wait_free(0ms));
  CHECK(used() == much().size());
  CHECK(held->wait_free(0ms));
  CHECK(used() == 0);
  disk.write_file("f", much());
  held = value_of(disk.hold(start, "f"));
  value_of(disk.remove_file(start, "f"));
  held.reset();
  CHECK(used() == 0);
}

TEST_CASE("a read-only root holds no file") {
  kit::temp_dir home;
  auto writable = kit::rooted_at(home.path());
  kit::value_of(stream{writable, {.path = "f"}}
                  .write(bytes_of(much()), {})
                  .map([](uint64_t) {})
                  .map_error([](const failure& x) { return x.sys_errno; }));
  CHECK(value_of(writable->hold(writable->start(), "f")));
  auto readable = kit::rooted_at(home.path(), access_mode::read_only);
  CHECK(!value_of(readable->hold(readable->start(), "f")));
}

TEST_CASE("released files are closed at the latest with the last user") {
  auto name = GENERATE(as<std::string>{}, "posix", "rooted");
  auto count = [] {
    return std::distance(std::filesystem::directory_iterator{"/proc/self/fd"},
                         std::filesystem::directory_iterator{});
  };
  auto before = count();
  held_ptr last;
  {
    kit::disk on{name};
    for (auto file : {"f", "g", "h"}) {
      on.put(file, much());
      auto held = value_of(on.files().hold(on.base(), file));
      REQUIRE(held);
      value_of(on.remove_file(file));
      last = std::move(held);
    }
  }
  // A held file outlives the file system.
  CHECK(count() > before);
  last.reset();
  CHECK(count() == before);
}

TEST_CASE("several threads may hold and release files") {
  kit::disk on{"posix"};
  for (int i = 0; i < 4; ++i)
    on.put(std::to_string(i), much());
  std::atomic<int> freed = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&, name = std::to_string(i)] {
      auto held = on.files().hold(on.base(), name);
      if (!held || !*held || !on.remove_file(name))
        return;
      while (!(*held)->wait_free(1ms)) {
      }
      ++freed;
    });
  for (auto& thread : threads)
    thread.join();
  CHECK(freed == 4);
}

// -- readers and other names --------------------------------------------------

TEST_CASE("a reader reads all of a large file that is replaced or removed") {
  auto name = GENERATE(from_range(kit::disk::names()));
  auto what = GENERATE(as<std::string>{}, "copy", "rename", "create", "write",
                       "link", "delete", "delete tree");
  CAPTURE(name, what);
  kit::op_disk on{name};
  value_of(on.make_directory("d"));
  on.put("new", "new");
  on.put("d/f", much());
  auto reader = value_of(on.open("d/f"));
  auto path = on / "d/f";
  if (what == "copy")
    output_of(on(file_copy{on / "new", path, true}));
  else if (what == "rename")
    output_of(on(file_rename{on / "new", path, true}));
  else if (what == "create")
    output_of(on(file_create{.path = path, .overwrite = true}));
  else if (what == "write")
    output_of(on(file_write{
      .path = path, .data = buffer{"new"}, .mode = write_mode::replace}));
  else if (what == "link")
    output_of(
      on(symlink_create{.path = path, .target = "../new", .overwrite = true}));
  else if (what == "delete")
    output_of(on(file_delete{path}));
  else
    output_of(on(directory_delete{on / "d"}));
  auto now = on.text("d/f");
  CHECK(now
        == (what.starts_with("delete") ? "ENOENT"
            : what == "create"         ? ""
                                       : "new"));
  CHECK(reader->stat()->links == 0);
  CHECK(rest_of(*reader) == much());
}

TEST_CASE("a large file keeps its content under its other name") {
  auto name = GENERATE(from_range(kit::disk::names()));
  CAPTURE(name);
  kit::op_disk on{name};
  on.put("new", "new");
  on.put("f", much());
  auto link = [&] {
    value_of(on.files().make_hard_link(on.base(), "f", on.base(), "g"));
  };
  link();
  output_of(on(file_copy{on / "new", on / "g", true}));
  CHECK(on.get("g") == "new");
  CHECK(on.get("f") == much());
  output_of(on(file_delete{on / "g"}));
  link();
  output_of(on(file_delete{on / "g"}));
  CHECK(on.get("f") == much());
  link();
  // Both names are of one file: like mv, this removes one of them.
  output_of(on(file_rename{on / "g", on / "f", true}));
  CHECK(error_of(on.stat("g")) == ENOENT);
  CHECK(on.get("f") == much());
}

// -- faults -------------------------------------------------------------------

TEST_CASE("a file that cannot be held is replaced all the same") {
  auto memory = std::make_shared<memory_vfs>();
  faulty_vfs disk{memory};
  memory->write_file("f", much());
  memory->write_file("new", "new");
  disk.plan().fail_all(call_kind::hold, EACCES);
  output_of(kit::perform(disk, file_copy{"new", "f", true}));
  CHECK(memory->read_file("f") == "new");
  CHECK(disk.plan().calls(call_kind::hold) == 1);
}

TEST_CASE("deleting a small file needs neither a coroutine nor another call") {
  auto memory = std::make_shared<memory_vfs>();
  faulty_vfs disk{memory};
  memory->write_file("small", "small");
  memory->write_file("large", much());
  limits bounds;
  final_syncs last;
  context env{disk, bounds, last};
  auto is_coroutine = [&](const file_delete& op) {
    return std::holds_alternative<task<attempt<done>>>(perform(env, op));
  };
  CHECK(!is_coroutine({"small"}));
  CHECK(disk.plan().calls() == 1);
  CHECK(is_coroutine({"large"}));
  CHECK(disk.plan().calls(call_kind::remove_file) == 2);
}

TEST_CASE("operations that replace a small file do not hold it") {
  auto memory = std::make_shared<memory_vfs>();
  faulty_vfs disk{memory};
  for (auto name : {"a", "b", "c", "d", "f"})
    memory->write_file(name, "small");
  output_of(kit::perform(disk, file_copy{"a", "f", true}));
  output_of(kit::perform(disk, file_rename{"b", "f", true}));
  output_of(kit::perform(disk, file_create{.path = "f", .overwrite = true}));
  output_of(kit::perform(
    disk,
    file_write{.path = "f", .data = buffer{"1"}, .mode = write_mode::replace}));
  CHECK(disk.plan().calls(call_kind::hold) == 0);
}

TEST_CASE("a large copy that is stopped does not wait for its disk space") {
  memory_vfs disk;
  disk.write_file("f", much());
  auto space
    = [&] { return value_of(disk.disk_space(disk.start(), "/")).free; };
  auto before = space();
  disk.set_free_delay(3);
  operation op = file_copy{"f", "g"};
  execution all{disk, op};
  size_t rests = 0;
  auto over = [&] {
    // Just before its end.
    if (++rests == large_file_bytes >> 20)
      all.stop();
    return true;
  };
  while (all.advance(over) != pause::done) {
  }
  auto res = all.take();
  REQUIRE(!res);
  CHECK(res.error().code == errc::cancelled);
  CHECK(rests <= (large_file_bytes >> 20) + 1);
  // The space becomes free all the same.
  CHECK(space() == before);
}

TEST_CASE("an operation does not wait for ever for disk space") {
  auto path = GENERATE(as<std::string>{}, "f", "d");
  auto whole = GENERATE(false, true);
  CAPTURE(path, whole);
  memory_vfs disk;
  value_of(disk.make_directory(disk.start(), "d", 0755));
  for (auto name : {"f", "d/f"})
    disk.write_file(name, much());
  disk.set_free_delay(SIZE_MAX);
  operation op = file_delete{"f"};
  if (path == "d")
    op = directory_delete{"d"};
  execution all{disk, op};
  size_t rests = 0;
  while (all.advance([&] { return !whole; }) != pause::done)
    ++rests;
  CHECK(all.take());
  CHECK(rests <= space_wait::max_waits + 10);
  CHECK(error_of(disk.stat(disk.start(), path, false)) == ENOENT);
}

TEST_CASE("a stop ends the wait for disk space") {
  memory_vfs disk;
  disk.write_file("f", much());
  disk.set_free_delay(SIZE_MAX);
  operation op = file_delete{"f"};
  execution all{disk, op};
  CHECK(all.advance([] { return true; }) == pause::rests);
  all.stop();
  CHECK(all.advance([] { return true; }) == pause::done);
  // The file is removed.
  CHECK(all.take());
}

TEST_CASE("the number of held files is limited") {
  auto name = GENERATE(as<std::string>{}, "posix", "rooted");
  kit::disk on{name};
  on.put("f", much());
  auto hold = [&] { return value_of(on.files().hold(on.base(), "f")); };
  std::vector<held_ptr> held;
  for (size_t i = 0; i < posix::closer::max_held; ++i)
    held.push_back(hold());
  CHECK(std::count(held.begin(), held.end(), nullptr) == 0);
  CHECK(!hold());
  wait_free(*held.front());
  held.front() = hold();
  CHECK(held.front());
  // Files are removed although none can be held.
  auto removed = value_of(on.files().remove_and_hold(on.base(), "f"));
  CHECK(!removed);
  CHECK(error_of(on.stat("f")) == ENOENT);
}

TEST_CASE("what cannot be held for want of memory is not counted as held") {
  kit::disk on{"posix"};
  on.put("f", much());
  const std::string path = "f";
  auto has_no_memory = [&] {
    kit::no_memory here;
    try {
      static_cast<void>(on.files().hold(on.base(), path));
      return false;
    } catch (const std::bad_alloc&) {
      return true;
    }
  };
  for (size_t i = 0; i < posix::closer::max_held; ++i)
    CHECK(has_no_memory());
  CHECK(value_of(on.files().hold(on.base(), path)));
}

// -- truncating ---------------------------------------------------------------

namespace {

/// Performs an operation on the file "f".
/// @returns the sizes that the file had, each once.
std::vector<uint64_t> sizes_during(memory_vfs& memory, const operation& op) {
  std::vector<uint64_t> res;
  execution all{memory, op};
  auto look = [&] {
    auto info = value_of(memory.stat(memory.start(), "f", true));
    if (res.empty() || res.back() != info.size)
      res.push_back(info.size);
    return true;
  };
  while (all.advance(look) != pause::done) {
  }
  if (auto done = all.take(); !done)
    throw std::runtime_error{to_string(done.error())};
  look();
  return res;
}

} // namespace

TEST_CASE("a large file is truncated in steps") {
  memory_vfs memory;
  memory.write_file("f", much());
  auto sizes = sizes_during(memory, file_truncate{"f", 3});
  CHECK(sizes == std::vector{24 * mib, 16 * mib, 8 * mib, uint64_t{3}});
  CHECK(memory.read_file("f") == "mmm");
}

TEST_CASE("a write that truncates a large file first does so in steps") {
  memory_vfs memory;
  memory.write_file("f", much());
  auto sizes
    = sizes_during(memory, file_write{.path = "f", .data = buffer{"new"}});
  CHECK(sizes == std::vector{24 * mib, 16 * mib, 8 * mib, uint64_t{3}});
  CHECK(memory.read_file("f") == "new");
  memory.write_file("f", much());
  sizes = sizes_during(
    memory, file_write{.path = "f", .data = buffer{"new"}, .offset = 2});
  CHECK(sizes == std::vector{24 * mib, 16 * mib, 8 * mib, uint64_t{5}});
  CHECK(memory.read_file("f") == "mmnew");
}

TEST_CASE("a write of no bytes truncates a large file as well") {
  memory_vfs memory;
  memory.write_file("f", much());
  sizes_during(memory, file_write{.path = "f", .data = {}});
  CHECK(memory.read_file("f") == "");
}

TEST_CASE("small files, growing files and holes need no steps") {
  auto memory = std::make_shared<memory_vfs>();
  faulty_vfs disk{memory};
  auto cuts = [&](const auto& op) {
    auto before = disk.plan().calls(call_kind::truncate);
    output_of(kit::perform(disk, op));
    return disk.plan().calls(call_kind::truncate) - before;
  };
  memory->write_file("f", "small");
  CHECK(cuts(file_truncate{"f", 1}) == 1);
  CHECK(cuts(file_truncate{"f", 1 << 30}) == 1);
  CHECK(cuts(file_truncate{"f", 1}) == 1);
  CHECK(cuts(file_write{.path = "f", .data = buffer{"1"}}) == 1);
  memory->write_file("f", much());
  CHECK(cuts(file_truncate{"f", 1 << 30}) == 1);
  // Four fifths of 1 GiB are holes.
  CHECK(cuts(file_truncate{"f", 0}) <= 5);
}

TEST_CASE("a step that fails ends the operation") {
  auto memory = std::make_shared<memory_vfs>();
  faulty_vfs disk{memory};
  memory->write_file("f", much());
  disk.plan().fail(call_kind::truncate, 2, EIO);
  auto res = kit::perform(disk, file_truncate{"f", 0});
  CHECK(kit::failure_of(res).sys_errno == EIO);
  CHECK(memory->read_file("f")->size() == 24 * mib);
  memory->write_file("f", much());
  disk.plan().fail(call_kind::truncate, 2, EIO);
  auto written
    = kit::perform(disk, file_write{.path = "f", .data = buffer{"x"}});
  CHECK(kit::failure_of(written).sys_errno == EIO);
}

TEST_CASE("a step that fails tells what is left of the file") {
  auto nth = GENERATE(size_t{1}, size_t{2}, size_t{4});
  auto left = std::map<size_t, std::string>{
    {1, ""},
    {2, "the file was truncated from 33554437 to 25165824 bytes"},
    {4, "the file was truncated from 33554437 to 8388608 bytes"},
  }[nth];
  CAPTURE(nth);
  auto memory = std::make_shared<memory_vfs>();
  faulty_vfs disk{memory};
  auto fail_from_nth = [&] {
    disk.plan().clear();
    memory->write_file("f", much());
    // The whole truncation is tried again.
    disk.plan().fail(call_kind::truncate, nth, EIO);
    disk.plan().fail(call_kind::truncate, nth + 1, EIO);
  };
  fail_from_nth();
  auto why = kit::failure_of(kit::perform(disk, file_truncate{"f", 0}));
  CHECK(why.path == "f");
  CHECK(why.detail == left);
  fail_from_nth();
  why = kit::failure_of(
    kit::perform(disk, file_write{.path = "f", .data = buffer{"x"}}));
  CHECK(why.path == "f");
  CHECK(why.done == 0);
  CHECK(why.detail == (left.empty() ? "the target is as it was" : left));
}

TEST_CASE("a write whose truncation fails once leaves an empty file") {
  auto memory = std::make_shared<memory_vfs>();
  faulty_vfs disk{memory};
  memory->write_file("f", much());
  disk.plan().fail(call_kind::truncate, 2, EIO);
  auto why = kit::failure_of(
    kit::perform(disk, file_write{.path = "f", .data = buffer{"x"}}));
  CHECK(why.sys_errno == EIO);
  CHECK(why.detail == "written up to offset 0");
  CHECK(memory->read_file("f") == "");
}

TEST_CASE("a large file that cannot be extended is as it was") {
  auto memory = std::make_shared<memory_vfs>();
  faulty_vfs disk{memory};
  memory->write_file("f", much());
  disk.plan().fail(call_kind::truncate, 1, EFBIG);
  auto why = kit::failure_of(kit::perform(
    disk,
    file_write{.path = "f", .data = buffer{"x"}, .offset = much().size() + 1}));
  CHECK(why.sys_errno == EFBIG);
  CHECK(why.done == 0);
  CHECK(why.detail.find("written up to") == std::string::npos);
  CHECK(memory->read_file("f") == much());
}

TEST_CASE("an empty stream extends a large file to its offset") {
  auto memory = std::make_shared<memory_vfs>();
  memory->write_file("f", much());
  stream to{memory, {.path = "f", .offset = much().size() + 1}};
  CHECK(to.finish());
  CHECK(memory->read_file("f")->size() == much().size() + 1);
}

TEST_CASE("a stream that is abandoned has truncated its target") {
  auto memory = std::make_shared<memory_vfs>();
  memory->write_file("f", much());
  stream to{memory, {.path = "f"}};
  CHECK(to.write(bytes_of("new"), {}) == 0);
  CHECK(to.is_shrinking());
  CHECK(memory->read_file("f")->size() == 24 * mib);
  to.abandon();
  CHECK(!to.is_shrinking());
  CHECK(memory->read_file("f") == "");
}

TEST_CASE("a stream truncates in steps, and then writes") {
  auto memory = std::make_shared<memory_vfs>();
  memory->write_file("f", much());
  stream to{memory, {.path = "f"}};
  size_t steps = 0;
  while (output_of(to.write(bytes_of("new"), {})) == 0) {
    CHECK(to.is_shrinking());
    ++steps;
  }
  CHECK(steps == 3);
  CHECK(to.finish());
  CHECK(!to.is_freeing());
  CHECK(memory->read_file("f") == "new");
}

TEST_CASE("a stream that replaced a large file waits for its disk space") {
  auto memory = std::make_shared<memory_vfs>();
  memory->write_file("f", much());
  memory->set_free_delay(2);
  stream to{memory, {.path = "f", .mode = write_mode::replace}};
  CHECK(to.write(bytes_of("new"), {}) == 3);
  CHECK(!to.is_freeing());
  CHECK(to.finish());
  CHECK(to.is_freeing());
  CHECK(!to.wait_free());
  CHECK(!to.wait_free());
  CHECK(to.wait_free());
  CHECK(!to.is_freeing());
  CHECK(memory->read_file("f") == "new");
}

TEST_CASE("a stream that failed waits for nothing") {
  auto memory = std::make_shared<memory_vfs>();
  auto disk = std::make_shared<faulty_vfs>(memory);
  memory->write_file("f", much());
  memory->set_free_delay(2);
  stream to{disk, {.path = "f", .mode = write_mode::replace}};
  CHECK(to.write(bytes_of(much()), {}) == much().size());
  disk->plan().fail(call_kind::rename, 1, EIO);
  CHECK(!to.finish());
  CHECK(!to.is_freeing());
  CHECK(!to.finish());
  // But the discarded file was large.
  CHECK(to.take_freed());
}
