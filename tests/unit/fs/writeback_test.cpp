// What a call would flush in the end is written to the device early, in steps.

#include "catch.hpp"
#include "op_disk.hpp"
#include "two_devices.hpp"

#include "spindle/fs/stream.hpp"
#include "spindle/fs/writeback.hpp"

#include <algorithm>
#include <map>
#include <string>

using namespace spindle;
using namespace spindle::fs;

using kit::bytes_of;
using kit::error_of;
using kit::mib;
using kit::value_of;

namespace {

/// Writes down which calls change or flush files.
struct flush_log {
  std::shared_ptr<memory_vfs> memory = std::make_shared<memory_vfs>();
  std::shared_ptr<faulty_vfs> disk = std::make_shared<faulty_vfs>(memory);
  std::string calls;

  flush_log() {
    static const std::map<call_kind, char> letters{
      {call_kind::write, 'w'},  {call_kind::copy, 'p'},
      {call_kind::sync, 's'},   {call_kind::start_writeback, 'b'},
      {call_kind::close, 'c'},  {call_kind::truncate, 't'},
      {call_kind::rename, 'r'},
    };
    disk->plan().observe([this](call_kind kind, const std::string&) {
      if (auto letter = letters.find(kind); letter != letters.end())
        calls += letter->second;
    });
    memory->write_file("old", "old");
    memory->write_file("ten", std::string(10 * mib, 't'));
  }

  template <class Op>
  std::string operator()(const Op& op) {
    calls.clear();
    kit::output_of(kit::perform(*disk, op));
    return calls;
  }

  std::string write(const std::string& path, write_mode mode,
                    durability level = durability::none, uint64_t offset = 0) {
    return (*this)(file_write{.path = path,
                              .data = buffer{std::string(10 * mib, 'x')},
                              .mode = mode,
                              .offset = offset,
                              .durability = level});
  }
};

} // namespace

TEST_CASE("start_writeback changes nothing") {
  ON_EACH_DISK(on);
  auto file = value_of(on.open("f", {.write = true, .create = true}));
  value_of(file->write(bytes_of("abc")));
  CHECK(error_of(file->start_writeback(0, 3)) == 0);
  CHECK(error_of(file->start_writeback(1, 100)) == 0);
  CHECK(error_of(file->start_writeback(0, 0)) == 0);
  CHECK(error_of(value_of(on.open("f"))->start_writeback(0, 3)) == 0);
  CHECK(error_of(file->start_writeback(uint64_t{1} << 63, 1)) == EINVAL);
  CHECK(error_of(file->start_writeback(INT64_MAX, 1)) == EINVAL);
  CHECK(on.get("f") == "abc");
  value_of(file->close());
  CHECK(error_of(file->start_writeback(0, 3)) == EBADF);
  on.make_fifo("p");
  CHECK(error_of(value_of(on.open("p"))->start_writeback(0, 1)) == ESPIPE);
}

// -- writing ------------------------------------------------------------------

TEST_CASE("a write over a file leaves little for its close to flush") {
  flush_log on;
  CHECK(on.write("old", write_mode::truncate) == "twwwwbwwwwbwwc");
  CHECK(on.memory->read_file("old") == std::string(10 * mib, 'x'));
  // Nobody flushes what had no content before.
  on.memory->write_file("empty", "");
  for (auto path : {"new", "empty"})
    CHECK(on.write(path, write_mode::truncate) == "wwwwwwwwwwc");
  CHECK(on.write("old", write_mode::append) == "wwwwwwwwwwc");
  CHECK(on.write("old", write_mode::update) == "wwwwwwwwwwc");
}

TEST_CASE("a write leaves little for its sync to flush") {
  flush_log on;
  auto level = durability::data;
  CHECK(on.write("a", write_mode::truncate, level) == "wwwwbwwwwbwwsc");
  CHECK(on.write("b", write_mode::create_new, level) == "wwwwbwwwwbwwsc");
  CHECK(on.write("old", write_mode::append, level) == "wwwwbwwwwbwwsc");
  CHECK(on.write("old", write_mode::update, level, 5) == "wwwwbwwwwbwwsc");
  // This mode syncs at every durability.
  CHECK(on.write("old", write_mode::replace) == "wwwwbwwwwbwwscr");
}

TEST_CASE("a large file that is truncated in steps is written back, too") {
  flush_log on;
  on.memory->write_file("f", std::string(large_file_bytes, 'm'));
  CHECK(on.write("f", write_mode::truncate) == "ttttwwwwbwwwwbwwc");
}

TEST_CASE("a stream in steps is written back whatever the size of its chunks") {
  flush_log on;
  stream to{on.disk, {.path = "old"}};
  for (int i = 0; i < 5; ++i)
    CHECK(to.write(bytes_of(std::string(3 * mib, 'x')), {}) == 3 * mib);
  CHECK(to.finish());
  CHECK(on.calls == "twwbwwbwc");
}

TEST_CASE("a write fails if its writeback loses bytes") {
  auto lost = GENERATE(EIO, ENOSPC, EDQUOT);
  flush_log on;
  on.disk->plan().fail(call_kind::start_writeback, 2, lost);
  auto res = kit::perform(
    *on.disk,
    file_write{.path = "old", .data = buffer{std::string(10 * mib, 'x')}});
  auto why = kit::failure_of(res);
  CHECK(why.sys_errno == lost);
  CHECK(why.path == "old");
  CHECK(why.done == 0);
  CHECK(why.detail == "nothing is known of what was written");
}

TEST_CASE("a write does not need a file system that can write back") {
  flush_log on;
  on.disk->plan().fail_all(call_kind::start_writeback,
                           GENERATE(ENOSYS, EPERM, EOPNOTSUPP, ESPIPE));
  CHECK(on.write("old", write_mode::truncate) == "twwwwbwwwwbwwc");
  CHECK(on(file_copy{"ten", "old", true}) == "ppppbppppbppcr");
}

// -- copying and renaming -----------------------------------------------------

TEST_CASE("a copy leaves little to flush for a sync or for its rename") {
  flush_log on;
  CHECK(on(file_copy{"ten", "new"}) == "ppppppppppcr");
  CHECK(on(file_copy{"ten", "old", true}) == "ppppbppppbppcr");
  CHECK(on(file_copy{
          .path = "ten", .target = "synced", .durability = durability::data})
        == "ppppbppppbppscr");
  // Where the system cannot copy, blocks are read and written.
  on.disk->plan().fail_all(call_kind::copy, EXDEV);
  on(file_copy{"ten", "old", true});
  CHECK(std::count(on.calls.begin(), on.calls.end(), 'b') == 2);
}

TEST_CASE("a copy fails if its writeback loses bytes") {
  flush_log on;
  on.disk->plan().fail(call_kind::start_writeback, 1, EIO);
  auto why
    = kit::failure_of(kit::perform(*on.disk, file_copy{"ten", "old", true}));
  CHECK(why.sys_errno == EIO);
  CHECK(why.path == "old");
  CHECK(on.memory->read_file("old") == "old");
  CHECK(on.memory->tree().find(".spindle") == std::string::npos);
}

TEST_CASE("a large file is written back before it is renamed over another") {
  auto is_move = GENERATE(false, true);
  flush_log on;
  auto rename = [&](const std::string& target, bool overwrite,
                    durability level = durability::none) {
    on.memory->write_file("f", std::string(large_file_bytes, 'm'));
    if (is_move)
      return on(file_move{"f", target, overwrite, false, level});
    return on(file_rename{"f", target, overwrite, false, level});
  };
  CHECK(rename("old", true) == "bbbbbbbbr");
  CHECK(rename("a", true) == "r");
  CHECK(rename("b", false) == "r");
  CHECK(rename("c", false, durability::data) == "bbbbbbbbsr");
  CHECK(on.memory->read_file("old")->size() == large_file_bytes);
  // Small files are renamed at once.
  CHECK(on(file_rename{"ten", "old", true}) == "r");
}

TEST_CASE("a large file is not flushed before it is moved to another device") {
  auto target = GENERATE(as<std::string>{}, "far/old", "far/n/m/new");
  auto level = GENERATE(durability::none, durability::data);
  CAPTURE(target);
  flush_log on;
  on.memory->mount("far");
  on.memory->write_file("f", std::string(large_file_bytes, 'm'));
  on.memory->write_file("far/old", "old");
  auto is_durable = level != durability::none;
  auto rename = file_rename{"f", target, true, true, level};
  auto renamed = kit::failure_of(kit::perform(*on.disk, rename));
  CHECK(renamed.sys_errno == EXDEV);
  CHECK(renamed.path == target);
  CHECK(std::count(on.calls.begin(), on.calls.end(), 'b') == 0);
  CHECK(std::count(on.calls.begin(), on.calls.end(), 's') == 0);
  auto calls = on(file_move{"f", target, true, true, level});
  // The system cannot copy the content from one to the other.
  CHECK(calls.substr(0, calls.find('w')) == (is_durable ? "p" : "rp"));
  CHECK(on.memory->read_file(target)->size() == large_file_bytes);
}

TEST_CASE("a rename that is stopped while the file is written back is none") {
  flush_log on;
  on.memory->write_file("f", std::string(large_file_bytes, 'm'));
  operation op = file_rename{"f", "old", true};
  execution all{*on.disk, op};
  CHECK(all.advance([] { return true; }) == pause::rests);
  all.stop();
  CHECK(all.advance(nullptr) == pause::done);
  auto res = all.take();
  REQUIRE(!res);
  CHECK(res.error().code == errc::cancelled);
  CHECK(on.calls == "b");
  CHECK(on.memory->read_file("old") == "old");
  CHECK(error_of(on.memory->stat(on.memory->start(), "f", false)) == 0);
}

TEST_CASE("a file that is replaced while it is written back is renamed") {
  flush_log on;
  on.memory->write_file("f", std::string(large_file_bytes, 'm'));
  operation op = file_rename{"f", "old", true};
  execution all{*on.disk, op};
  CHECK(all.advance([] { return true; }) == pause::rests);
  value_of(on.memory->remove_file(on.memory->start(), "f"));
  on.memory->write_file("f", "other");
  CHECK(all.advance(nullptr) == pause::done);
  CHECK(all.take());
  CHECK(on.memory->read_file("old") == "other");
}

TEST_CASE("the steps of a writeback are longer if the file has holes") {
  flush_log on;
  auto to = value_of(
    on.disk->open(on.disk->start(), "f", {.write = true, .create = true}));
  auto steps = [&](file_info info) {
    auto before = on.disk->plan().calls(call_kind::start_writeback);
    value_of(run_to_end(write_back(*to, info, {})));
    return on.disk->plan().calls(call_kind::start_writeback) - before;
  };
  CHECK(steps({.size = 40 * mib, .allocated = 40 * mib}) == 10);
  CHECK(steps({.size = 1024 * mib, .allocated = 40 * mib}) <= 11);
  CHECK(steps({.size = 1, .allocated = 40 * mib}) == 1);
  CHECK(steps({.size = 1024 * mib, .allocated = 0}) == 1);
  CHECK(steps({.size = 0, .allocated = 40 * mib}) == 0);
}
