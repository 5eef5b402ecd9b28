// Operations that await the device have the same answers and effects as those
// that make their calls themselves.
#include "catch.hpp"
#include "failure_of.hpp"
#include "op_cases.hpp"
#include "perform_awaiting.hpp"
#include "picking_engine.hpp"
#include "temp_dir.hpp"
#include "vfs_disks.hpp"

#include "spindle/fs/execute.hpp"
#include "spindle/fs/final_syncs.hpp"
#include "spindle/fs/memory/memory_vfs.hpp"
#include "spindle/fs/posix/posix_call.hpp"
#include "spindle/fs/posix/posix_vfs.hpp"
#include "spindle/fs/sync_group.hpp"
#include "spindle/fs/testing/faulty_vfs.hpp"

#include <cerrno>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <tuple>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace spindle;
using namespace spindle::fs;

using kit::value_of;

namespace {

std::string words_of(const answer& x) {
  return x ? "done" : to_string(x.error());
}

output success_of(answer x) {
  REQUIRE(x);
  return std::move(*x);
}

/// A disk with the files of the cases, of which nothing is cached.
struct cold_disk {
  explicit cold_disk(bool with_long = false) {
    kit::plant(*memory);
    static const std::string content(3 << 20, 'x');
    if (with_long)
      memory->write_file("long", content);
  }

  std::shared_ptr<memory_vfs> memory
    = std::make_shared<memory_vfs>(memory_options{.cold = true});
  faulty_vfs faulty{memory};
};

/// Executes one operation that awaits the device.
struct awaiting {
  awaiting(vfs& disk, const operation& what)
      : all(disk, what, {}, {.awaits = true}) {}

  /// Advances until the operation is done, and makes the calls that it awaits.
  answer run() {
    for (;;)
      switch (all.advance(nullptr)) {
        case pause::done:
          return all.take();
        case pause::awaits:
          ++calls;
          all.call().run();
          break;
        case pause::settled:
          ++rounds;
          // In an order of its own.
          for (auto i = all.syncs().rbegin(); i != all.syncs().rend(); ++i)
            (*i)->run();
          break;
        default:
          FAIL("nobody has asked it to rest");
      }
  }

  execution all;
  size_t calls = 0;
  size_t rounds = 0;
};

/// Removes the content of a file from the page cache, where there is one.
void drop_cached(const std::string& path) {
  posix::descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  REQUIRE(file.get() != -1);
  REQUIRE(::fsync(file.get()) == 0);
  REQUIRE(::posix_fadvise(file.get(), 0, 0, POSIX_FADV_DONTNEED) == 0);
}

std::vector<kit::op_case> awaiting_cases() {
  std::vector<kit::op_case> res;
  for (auto level : {durability::none, durability::data, durability::full})
    for (auto& [name, op] : kit::op_cases(level))
      res.push_back({name + ", " + to_string(level), op});
  res.push_back({"file_read of much", file_read{"long"}});
  res.push_back(
    {"file_read of a part", file_read{.path = "long", .offset = 5}});
  res.push_back({"file_read of few bytes",
                 file_read{.path = "long", .offset = 5, .length = 10}});
  res.push_back({"file_read behind the end",
                 file_read{.path = "g", .offset = 2, .length = 10}});
  res.push_back({"file_read of nothing", file_read{"none"}});
  return res;
}

} // namespace

TEST_CASE("operations that await the device have the same result") {
  for (const auto& [name, op] : awaiting_cases()) {
    CAPTURE(name);
    cold_disk here{true};
    cold_disk there{true};
    auto expected = execute(*here.memory, op);
    auto found = awaiting{*there.memory, op}.run();
    CHECK(words_of(found) == words_of(expected));
    if (found && expected)
      CHECK(found->index() == expected->index());
    auto* bytes = expected ? std::get_if<buffer>(&*expected) : nullptr;
    if (bytes && found)
      CHECK(std::get<buffer>(*found) == *bytes);
    CHECK(here.memory->tree() == there.memory->tree());
  }
}

TEST_CASE("each call of an operation that awaits the device can fail") {
  for (const auto& [name, op] : awaiting_cases()) {
    CAPTURE(name);
    for (size_t nth = 1;; ++nth) {
      CAPTURE(nth);
      cold_disk disk;
      disk.faulty.plan().fail_any(nth, EIO);
      auto found = awaiting{disk.faulty, op}.run();
      auto is_over = disk.faulty.plan().calls() < nth;
      if (is_over) {
        CHECK(found.has_value()
              == execute(*cold_disk{}.memory, op).has_value());
        break;
      }
      // Some calls only make it faster, or tidy up.
      if (!found && found.error().code == errc::io_error)
        CHECK(found.error().sys_errno == EIO);
    }
  }
}

TEST_CASE("what is cached is read without a call of its own") {
  memory_vfs disk;
  disk.write_file("f", "content");
  operation op = file_read{"f"};
  awaiting what{disk, op};
  CHECK(std::get<buffer>(success_of(what.run())) == buffer{"content"});
  CHECK(what.calls == 0);
}

TEST_CASE("what is not cached is opened and read by others") {
  cold_disk disk{true};
  operation few = file_read{"g"};
  awaiting small{*disk.memory, few};
  CHECK(std::get<buffer>(success_of(small.run())) == buffer{"new"});
  // One that opens, and one that reads.
  CHECK(small.calls == 2);
  operation much = file_read{"long"};
  awaiting large{*disk.memory, much};
  CHECK(std::get<buffer>(success_of(large.run())).size() == 3 << 20);
  // A piece has 1 MiB.
  CHECK(large.calls <= 1 + 3 + 1);
}

TEST_CASE("syncs come last, and those of a rename in their order") {
  auto rounds = [](const operation& op) {
    cold_disk disk;
    awaiting what{*disk.memory, op};
    success_of(what.run());
    return what.rounds;
  };
  auto level = durability::data;
  CHECK(rounds(file_write{.path = "n", .data = buffer{"x"}}) == 0);
  CHECK(
    rounds(file_write{.path = "n", .data = buffer{"x"}, .durability = level})
    == 1);
  CHECK(rounds(file_delete{"g", level}) == 1);
  CHECK(rounds(file_rename{"g", "q/n", false, false, level}) == 2);
}

TEST_CASE("a replacement has its name only when its content is durable") {
  cold_disk disk;
  operation op = file_write{.path = "f",
                            .data = buffer{"new"},
                            .mode = write_mode::replace,
                            .durability = durability::data};
  execution all{*disk.memory, op, {}, {.awaits = true}};
  REQUIRE(all.advance(nullptr) == pause::awaits);
  CHECK(disk.memory->read_file("f") == "old");
  SECTION("and not if it is stopped") {
    all.call().run();
    all.stop();
    CHECK(all.advance(nullptr) == pause::done);
    CHECK(all.take().error().code == errc::cancelled);
    CHECK(disk.memory->read_file("f") == "old");
    CHECK(disk.memory->tree().find(".spindle") == std::string::npos);
  }
  SECTION("and takes the permissions of what is there then") {
    value_of(disk.memory->set_permissions(disk.memory->start(), "f", 0640));
    do
      all.call().run();
    while (all.advance(nullptr) == pause::awaits);
    for (auto* call : all.syncs())
      call->run();
    CHECK(all.advance(nullptr) == pause::done);
    success_of(all.take());
    auto& start = disk.memory->start();
    CHECK(value_of(disk.memory->stat(start, "f", true)).permissions == 0640);
    CHECK(disk.memory->read_file("f") == "new");
  }
}

TEST_CASE("a failed sync says what was written") {
  cold_disk disk;
  disk.faulty.plan().fail_all(call_kind::sync, EIO);
  auto write = [&](const char* path) {
    operation op = file_write{
      .path = path, .data = buffer{"abc"}, .durability = durability::data};
    return kit::failure_of(awaiting{disk.faulty, op}.run());
  };
  auto why = write("n");
  CHECK(why.code == errc::io_error);
  CHECK(why.operation == "file_write");
  CHECK(why.path == "n");
  CHECK(why.done == 0);
  CHECK(why.detail == "nothing is known of what was written");
}

TEST_CASE("syncs of the same file start as one") {
  faulty_vfs disk{std::make_shared<memory_vfs>()};
  std::vector<file_ptr> files;
  std::vector<std::unique_ptr<sync_call>> calls;
  sync_group group;
  auto add = [&](const char* path, sync_mode mode) {
    files.push_back(value_of(disk.open(
      disk.start(), path, {.read = false, .write = true, .create = true})));
    calls.push_back(std::make_unique<sync_call>(*files.back(), mode));
    group.add(*calls.back());
  };
  add("a", sync_mode::data);
  add("b", sync_mode::data);
  add("a", sync_mode::full);
  add("a", sync_mode::data);
  kit::picking_engine engine{64, [](size_t) { return 0; }};
  auto fails = GENERATE(false, true);
  if (fails)
    disk.plan().fail_all(call_kind::sync, EIO);
  CHECK(group.start(engine) == 2);
  std::vector<device_call*> done;
  engine.wait(done);
  engine.wait(done);
  REQUIRE(done.size() == 2);
  size_t found = 0;
  for (auto* leader : done)
    for (auto* call = leader; call; call = call->next, ++found)
      if (call != leader)
        call->follow();
  CHECK(found == 4);
  for (auto& call : calls)
    CHECK(call->take().has_value() == !fails);
  CHECK(disk.plan().calls(call_kind::sync) == 2);
  // The first call does as much as all of them.
  CHECK(calls.front()->mode() == sync_mode::full);
}

TEST_CASE("each engine serves a real disk") {
  auto kind
    = GENERATE(engine_kind::plain, engine_kind::threads, engine_kind::ring);
  auto with = make_engine(kind, 4);
  if (!with) {
    WARN("skipped: this machine does not allow io_uring");
    return;
  }
  kit::temp_dir dir;
  auto disk = kit::rooted_at(dir.path());
  auto perform = [&](const operation& op) {
    return kit::perform_awaiting(*disk, op, *with);
  };
  auto read = [&](const char* path) {
    return std::get<buffer>(success_of(perform(file_read{path})));
  };
  const std::string much(3 << 20, 'x');
  for (auto mode : {write_mode::truncate, write_mode::append,
                    write_mode::replace, write_mode::update}) {
    CAPTURE(to_string(mode));
    success_of(perform(file_write{.path = "f",
                                  .data = buffer{"new"},
                                  .mode = mode,
                                  .durability = durability::full}));
    CHECK(read("f").size() == (mode == write_mode::append ? 6 : 3));
  }
  success_of(perform(file_write{.path = "much", .data = buffer{much}}));
  drop_cached(dir.path() + "/much");
  CHECK(read("much") == buffer{much});
  success_of(perform(directory_create{.path = "d"}));
  success_of(perform(file_rename{"f", "d/g", false, false, durability::data}));
  CHECK(read("d/g") == buffer{"new"});
  auto why_of = [&](const char* path) {
    return kit::failure_of(perform(file_read{path})).code;
  };
  CHECK(why_of("none") == errc::not_found);
  CHECK(why_of("d") == errc::is_a_directory);
  CHECK(why_of("../out") == errc::permission_denied);
  CHECK(why_of("/etc/passwd") == errc::permission_denied);
}

TEST_CASE("a file is synced although its directory cannot be opened") {
  cold_disk disk;
  auto awaits = GENERATE(false, true);
  disk.faulty.plan().fail_all(call_kind::open_directory, EACCES);
  operation op = file_write{
    .path = "n", .data = buffer{"abc"}, .durability = durability::data};
  auto run = [&] {
    return awaits ? awaiting{disk.faulty, op}.run() : execute(disk.faulty, op);
  };
  auto why = kit::failure_of(run());
  CHECK(why.code == errc::permission_denied);
  CHECK(why.detail
        == "the change is visible, but its directory could not be synced, so a "
           "crash may undo it; all of it is written");
  CHECK(why.done == 3);
  CHECK(disk.faulty.plan().calls(call_kind::sync) == 1);
  disk.faulty.plan().fail_all(call_kind::sync, EIO);
  why = kit::failure_of(run());
  CHECK(why.code == errc::io_error);
  CHECK(why.detail == "nothing is known of what was written");
}

TEST_CASE("a replacement whose directory cannot be synced says it is written") {
  cold_disk disk;
  disk.faulty.plan().fail_all(call_kind::sync_directory, EIO);
  operation op = file_write{.path = "f",
                            .data = buffer{"abc"},
                            .mode = write_mode::replace,
                            .durability = durability::data};
  auto why = kit::failure_of(awaiting{disk.faulty, op}.run());
  CHECK(why.done == 3);
  CHECK(why.detail.ends_with("all of it is written"));
}

TEST_CASE("an offset that no file has is invalid, whatever is cached") {
  kit::temp_dir dir;
  auto disk = kit::rooted_at(dir.path());
  success_of(execute(*disk, file_write{.path = "f", .data = buffer{"abc"}}));
  for (auto offset : {uint64_t(-1), uint64_t{1} << 63}) {
    operation op = file_read{.path = "f", .offset = offset};
    auto found = awaiting{*disk, op}.run();
    auto expected = execute(*disk, op);
    REQUIRE(!found);
    CHECK(words_of(found) == words_of(expected));
  }
}

TEST_CASE("the sync of the file that was opened first stands for others") {
  kit::temp_dir dir;
  auto disk = kit::rooted_at(dir.path());
  auto open = [&] {
    return value_of(disk->open(disk->start(), "f",
                               {.read = false, .write = true, .create = true}));
  };
  auto first = open();
  auto second = open();
  CHECK(first->opening_order() < second->opening_order());
  sync_call early{*first, sync_mode::data};
  sync_call late{*second, sync_mode::data};
  sync_group group;
  group.add(late);
  group.add(early);
  kit::picking_engine engine{64, [](size_t) { return 0; }};
  CHECK(group.start(engine) == 1);
  std::vector<device_call*> done;
  engine.wait(done);
  REQUIRE(done.size() == 1);
  CHECK(done.front() == &early);
  CHECK(early.next == &late);
}

TEST_CASE("what has no offsets is read at its position, whatever is cached") {
  posix_vfs disk;
  auto with = make_engine(engine_kind::threads, 4);
  auto read = [&](const std::string& path) {
    return kit::perform_awaiting(disk, file_read{path}, *with);
  };
  SECTION("a file of procfs") {
    auto found = std::get<buffer>(success_of(read("/proc/version")));
    CHECK(found.size() > 0);
    CHECK(found
          == std::get<buffer>(
            success_of(execute(disk, file_read{"/proc/version"}))));
  }
  SECTION("a FIFO") {
    kit::temp_dir dir;
    auto path = dir.path() + "/fifo";
    REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
    std::thread writer{[&] {
      // Waits for the reader.
      posix::descriptor to{::open(path.c_str(), O_WRONLY | O_CLOEXEC)};
      std::ignore = ::write(to.get(), "content", 7);
    }};
    auto found = read(path);
    // If the reader gave up before, let the writer end.
    posix::descriptor other{::open(path.c_str(), O_RDONLY | O_NONBLOCK)};
    writer.join();
    if (found)
      CHECK(std::get<buffer>(*found) == buffer{"content"});
    else
      CHECK(found.error().code == errc::would_block);
  }
  SECTION("an empty file") {
    kit::temp_dir dir;
    success_of(execute(disk, file_create{.path = dir.path() + "/f"}));
    CHECK(std::get<buffer>(success_of(read(dir.path() + "/f"))).size() == 0);
  }
}
