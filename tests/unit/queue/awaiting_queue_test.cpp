// Operations of a queue that await the device: what overlaps, what is one sync,
// and what happens if a disk actor dies meanwhile.
#include "catch.hpp"
#include "picking_engine.hpp"
#include "world.hpp"

#include "spindle/fs/memory/memory_vfs.hpp"
#include "spindle/fs/testing/faulty_vfs.hpp"

#include <random>
#include <string>

using namespace spindle;
using namespace std::literals;

namespace {

/// A queue on a disk of which nothing is cached. The order in which calls are
/// done is random.
struct awaiting_fixture {
  static constexpr size_t depth = 64;

  awaiting_fixture() {
    settings bounds;
    bounds.disk = disk;
    queue = test::spawn_bare_queue(
      w.system(), bounds, nullptr, nullptr, {engine_kind::threads, depth},
      [this] {
        auto res = std::make_shared<kit::picking_engine>(
          depth, [this](size_t n) { return random() % n; });
        engines.push_back(res);
        return res;
      });
    w.run();
  }

  ~awaiting_fixture() {
    w.kill(queue->supervisor);
  }

  /// Submits an operation in a lane. Its outcome is appended to `outcomes`.
  void submit(operation op, uint64_t lane = 1) {
    cafx::anon_mail(std::move(op), local_callback{[this](const outcome& x) {
                      outcomes.push_back(x);
                    }},
                    in_lane{{1, lane}, 1})
      .send(queue->supervisor);
  }

  /// Runs the actors until a disk actor has the given number of calls in
  /// flight.
  void run_until_in_flight(size_t calls) {
    while (in_flight() < calls)
      REQUIRE(w.step());
  }

  size_t in_flight() const {
    size_t res = 0;
    for (const auto& engine : engines)
      res += engine->in_flight();
    return res;
  }

  void check_all_succeeded(size_t count) {
    CHECK(outcomes.size() == count);
    for (const auto& x : outcomes)
      CHECK(x.result);
  }

  size_t most() const {
    size_t res = 0;
    for (const auto& engine : engines)
      res = std::max(res, engine->most());
    return res;
  }

  test::world w;
  std::mt19937_64 random{42};
  std::shared_ptr<fs::memory_vfs> memory
    = std::make_shared<fs::memory_vfs>(fs::memory_options{.cold = true});
  std::shared_ptr<fs::faulty_vfs> disk
    = std::make_shared<fs::faulty_vfs>(memory);
  std::vector<std::shared_ptr<kit::picking_engine>> engines;
  std::shared_ptr<test::bare_queue> queue;
  std::vector<outcome> outcomes;
};

file_write durable_write(std::string path, std::string text,
                         write_mode mode = write_mode::truncate) {
  return {.path = std::move(path),
          .data = buffer{std::move(text)},
          .mode = mode,
          .durability = durability::data};
}

} // namespace

TEST_CASE("reads of one lane await the device together") {
  awaiting_fixture f;
  for (int i = 0; i < 20; ++i)
    f.memory->write_file("f" + std::to_string(i), "content");
  for (int i = 0; i < 20; ++i)
    f.submit(file_read{"f" + std::to_string(i)});
  f.w.run();
  f.check_all_succeeded(20);
  CHECK(f.most() == 20);
}

TEST_CASE("appends of one lane become durable with few syncs") {
  awaiting_fixture f;
  std::string expected;
  for (int i = 0; i < 32; ++i) {
    auto text = std::to_string(i) + ' ';
    f.submit(durable_write("log", text, write_mode::append));
    expected += text;
  }
  f.w.run();
  f.check_all_succeeded(32);
  CHECK(f.memory->read_file("log") == expected);
  CHECK(f.memory->after_crash(1)->read_file("log") == expected);
  // One for each turn.
  CHECK(f.disk->plan().calls(fs::call_kind::sync) <= 4);
}

TEST_CASE("one client that waits for each answer shares syncs with others") {
  awaiting_fixture f;
  for (uint64_t lane = 1; lane <= 16; ++lane)
    f.submit(durable_write("f" + std::to_string(lane), "x"), lane);
  f.w.run();
  f.check_all_succeeded(16);
  CHECK(f.disk->plan().calls(fs::call_kind::sync) == 16);
  // The directory is the same for all.
  CHECK(f.disk->plan().calls(fs::call_kind::sync_directory) <= 4);
}

TEST_CASE("replacements of one lane await the device together, in order") {
  awaiting_fixture f;
  f.memory->write_file("f", "old");
  for (auto text : {"1", "2", "3", "4"})
    f.submit(durable_write("f", text, write_mode::replace));
  f.run_until_in_flight(4);
  CHECK(f.memory->read_file("f") == "old");
  f.w.run();
  f.check_all_succeeded(4);
  CHECK(f.memory->read_file("f") == "4");
  CHECK(f.memory->tree().find(".spindle") == std::string::npos);
}

TEST_CASE("what follows in a lane waits for a replacement") {
  awaiting_fixture f;
  f.submit(durable_write("f", "new", write_mode::replace));
  f.submit(file_read{"f"});
  f.submit(file_rename{"f", "g"});
  f.w.run();
  f.check_all_succeeded(3);
  CHECK(f.memory->read_file("g") == "new");
}

TEST_CASE("an operation that awaits the device can be cancelled") {
  awaiting_fixture f;
  f.memory->write_file("f", "content");
  f.submit(file_read{"f"});
  f.run_until_in_flight(1);
  cafx::anon_mail(cancel{ticket{1}}).send(f.queue->supervisor);
  REQUIRE(f.w.step_of(f.queue->supervisor));
  f.w.run();
  REQUIRE(f.outcomes.size() == 1);
  REQUIRE(!f.outcomes[0].result);
  CHECK(f.outcomes[0].result.error().code == errc::cancelled);
}

TEST_CASE("a disk actor dies while jobs await the device") {
  awaiting_fixture f;
  f.memory->write_file("f", "content");
  auto settled = GENERATE(false, true);
  for (uint64_t lane = 1; lane <= 3; ++lane)
    if (settled)
      f.submit(durable_write("g" + std::to_string(lane), "x"), lane);
    else
      f.submit(file_read{"f"}, lane);
  f.run_until_in_flight(3);
  auto holder = f.engines[0]->in_flight() > 0 ? 0 : 1;
  f.w.kill(f.queue->disks[static_cast<size_t>(holder)]);
  f.submit(file_read{"f"}, 1);
  f.w.run();
  REQUIRE(f.outcomes.size() == 4);
  for (size_t i = 0; i < 3; ++i) {
    REQUIRE(!f.outcomes[i].result);
    CHECK(f.outcomes[i].result.error().code == errc::disk_actor_failed);
  }
  CHECK(f.outcomes[3].result);
  // The dead actor has waited for its calls.
  CHECK(f.in_flight() == 0);
}

TEST_CASE("a failed sync fails each operation that relied on it") {
  awaiting_fixture f;
  f.disk->plan().fail_all(fs::call_kind::sync, EIO);
  for (int i = 0; i < 3; ++i)
    f.submit(durable_write("log", "x", write_mode::append));
  f.w.run();
  REQUIRE(f.outcomes.size() == 3);
  for (const auto& x : f.outcomes) {
    REQUIRE(!x.result);
    CHECK(x.result.error().code == errc::io_error);
    CHECK(x.result.error().path == "log");
  }
}

TEST_CASE("a shutdown waits for what awaits the device") {
  awaiting_fixture f;
  for (int i = 0; i < 5; ++i)
    f.submit(durable_write("f" + std::to_string(i), "x"));
  f.run_until_in_flight(2);
  CHECK(f.w.ask(f.queue->supervisor, shutdown{}));
  f.check_all_succeeded(5);
}

TEST_CASE("the operations of a list become durable together") {
  awaiting_fixture f;
  auto level = GENERATE(on_error::proceed, on_error::stop);
  oplist list;
  list.policy = level;
  for (int i = 0; i < 200; ++i)
    list.add(durable_write("f" + std::to_string(i % 4), "x"));
  auto report = f.w.ask(f.queue->supervisor, list);
  REQUIRE(report);
  for (const auto& entry : report->entries)
    CHECK(std::get<outcome>(entry.value).result);
  auto syncs = f.disk->plan().calls(fs::call_kind::sync);
  if (level == on_error::proceed)
    // Four files, for each 64 operations.
    CHECK(syncs == 4 * 4);
  else
    CHECK(syncs == 200);
}

TEST_CASE("a failed sync fails the operation of a list that relied on it") {
  awaiting_fixture f;
  f.disk->plan().fail_all(fs::call_kind::sync, EIO);
  oplist list;
  list.add(file_write{.path = "g", .data = buffer{"x"}});
  list.add(durable_write("f", "x"));
  list.add(file_rename{"none", "h"});
  auto report = f.w.ask(f.queue->supervisor, list);
  REQUIRE(report);
  REQUIRE(report->entries.size() == 3);
  auto of = [&](size_t i) {
    return std::get<outcome>(report->entries[i].value).result;
  };
  CHECK(of(0));
  REQUIRE(!of(1));
  CHECK(of(1).error().code == errc::io_error);
  CHECK(of(1).error().operation == "file_write");
  CHECK(of(1).error().path == "f");
  REQUIRE(!of(2));
  CHECK(of(2).error().code == errc::not_found);
}

TEST_CASE("a failed sync stops a list around the list of its operation") {
  awaiting_fixture f;
  f.disk->plan().fail_all(fs::call_kind::sync, EIO);
  oplist list;
  list.policy = on_error::stop;
  list.add(oplist{}.add(durable_write("f", "x")));
  list.add(file_create{.path = "g"});
  auto report = f.w.ask(f.queue->supervisor, list);
  REQUIRE(report);
  auto last = std::get<outcome>(report->entries[1].value).result;
  REQUIRE(!last);
  CHECK(last.error().code == errc::skipped);
  CHECK(!f.memory->read_file("g"));
}
