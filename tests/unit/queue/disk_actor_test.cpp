#include "catch.hpp"
#include "world.hpp"

#include "spindle/fs/kept_walks.hpp"
#include "spindle/fs/memory/memory_vfs.hpp"
#include "spindle/fs/testing/faulty_vfs.hpp"

#include <sstream>

using namespace spindle;
using namespace std::literals;

namespace {

/// Writes down who executes what, and checks that only the holder does.
struct turn_log : turn_observer {
  void on_taken(uint64_t id) override {
    CHECK(holder == 0);
    holder = id;
  }

  void on_passed(uint64_t id) override {
    CHECK(holder == id);
    holder = 0;
    executions.push_back(0);
  }

  void on_execute(uint64_t id, const job& what) override {
    CHECK(holder == id);
    executions.push_back(what.number);
    if (then)
      then();
  }

  /// Returns the tickets executed turn by turn, as "1 2|3|".
  std::string turns() const {
    std::ostringstream res;
    auto first = true;
    for (auto id : executions) {
      if (id != 0)
        res << (first ? "" : " ") << id;
      else if (!first)
        res << '|';
      first = id == 0;
    }
    return res.str();
  }

  uint64_t holder = 0;
  std::vector<uint64_t> executions;
  std::function<void()> then;
};

struct disk_actor_fixture {
  explicit disk_actor_fixture(settings x) {
    x.disk = memory;
    queue = test::spawn_bare_queue(w.system(), x, log, walks);
    w.run();
  }

  /// Actors that know each other would keep each other for ever.
  ~disk_actor_fixture() {
    w.kill(queue->supervisor);
  }

  void submit(int n, size_t bytes = 1) {
    for (int i = 0; i < n; ++i)
      cafx::anon_mail(
        file_write{.path = "f", .data = buffer{std::string(bytes, 'x')}})
        .send(queue->supervisor);
  }

  test::world w;
  std::shared_ptr<fs::memory_vfs> memory = std::make_shared<fs::memory_vfs>();
  std::shared_ptr<turn_log> log = std::make_shared<turn_log>();
  std::shared_ptr<fs::kept_walks> walks = std::make_shared<fs::kept_walks>(
    [this] { return w.system().clock().now(); });
  std::shared_ptr<test::bare_queue> queue;
};

} // namespace

TEST_CASE("a turn ends after ops_per_turn operations") {
  settings x;
  x.ops_per_turn = 3;
  disk_actor_fixture f{x};
  f.submit(9);
  f.w.run();
  // Nobody needs the turn after the last.
  CHECK(f.log->turns() == "1 2 3|4 5 6|7 8 9");
}

TEST_CASE("a turn ends after bytes_per_turn bytes") {
  settings x;
  x.bytes_per_turn = 100;
  disk_actor_fixture f{x};
  f.submit(8, 50);
  f.w.run();
  CHECK(f.log->turns() == "1 2|3 4|5 6|7 8");
}

TEST_CASE("a turn ends after turn_quantum, and the peer does the rest") {
  settings x;
  x.turn_quantum = 10ms;
  disk_actor_fixture f{x};
  // Time stands still but for the operations, each of which takes 4 ms.
  f.log->then = [&f] { f.w.pass_time(4ms); };
  f.submit(12);
  f.w.run();
  CHECK(f.log->turns() == "1 2 3|4 5 6|7 8 9|10 11 12");
  CHECK(f.w.ask(f.queue->supervisor, get_status{})->succeeded == 12);
}

TEST_CASE("a walk that nobody goes on with is forgotten after a while") {
  disk_actor_fixture f{{}};
  for (auto name : {"a", "b", "c"})
    REQUIRE(f.w.ask(f.queue->supervisor, file_create{.path = name}));
  auto page
    = f.w.ask(f.queue->supervisor, directory_walk{.path = ".", .limit = 1});
  CHECK(page->next == "a");
  CHECK(!f.walks->empty());
  f.w.pass_time(fs::kept_walks::max_age - 1s);
  f.w.run();
  CHECK(!f.walks->empty());
  // Another one is kept on.
  page = f.w.ask(f.queue->supervisor,
                 directory_walk{.path = ".", .after = "a", .limit = 1});
  CHECK(page->next == "b");
  f.w.pass_time(1s);
  f.w.run();
  CHECK(!f.walks->empty());
  f.w.pass_time(fs::kept_walks::max_age);
  f.w.run();
  CHECK(f.walks->empty());
}

TEST_CASE("an oplist is executed within one turn, whatever its size") {
  settings x;
  x.ops_per_turn = 2;
  disk_actor_fixture f{x};
  f.submit(1);
  oplist list;
  for (int i = 0; i < 5; ++i)
    list.add(oplist{}.add(file_exists{.path = "f"}));
  cafx::anon_mail(list).send(f.queue->supervisor);
  f.submit(1);
  f.w.run();
  CHECK(f.log->turns() == "1|2 2 2 2 2|3");
}

TEST_CASE("a holder without work keeps the turn") {
  settings x;
  disk_actor_fixture f{x};
  // One operation at a time: the second disk actor may sleep.
  for (int i = 0; i < 6; ++i) {
    f.submit(1);
    f.w.run();
  }
  CHECK(f.log->turns() == "1 2 3 4 5 6");
  // A list has a turn of its own, which the second disk actor gets.
  f.submit(1);
  cafx::anon_mail(oplist{}.add(file_exists{.path = "f"}))
    .send(f.queue->supervisor);
  f.w.run();
  CHECK(f.log->turns() == "1 2 3 4 5 6 7|8");
}

TEST_CASE("a turn that died with an idle holder is replaced") {
  settings x;
  disk_actor_fixture f{x};
  f.submit(1);
  f.w.run();
  auto holder = std::exchange(f.log->holder, 0);
  REQUIRE(holder != 0);
  f.w.kill(f.queue->disks[holder - 1]);
  for (int i = 0; i < 6; ++i) {
    f.submit(1);
    f.w.run();
  }
  CHECK(f.w.ask(f.queue->supervisor, get_status{})->succeeded == 7);
}

TEST_CASE(
  "a FIFO that takes nothing holds the turn for no more than a quantum") {
  settings x;
  x.turn_quantum = 1ms;
  disk_actor_fixture f{x};
  auto fifo = f.memory->make_fifo("fifo", 4);
  fifo->open_reader();
  auto res = f.w.ask(f.queue->supervisor,
                     file_write{.path = "fifo", .data = buffer{"123456"}});
  REQUIRE(!res);
  auto why = failure_of(res.error());
  REQUIRE(why);
  CHECK(why->code == errc::would_block);
  CHECK(why->done == 4);
  CHECK(f.w.ask(f.queue->supervisor, file_write{.path = "f"}));
}
