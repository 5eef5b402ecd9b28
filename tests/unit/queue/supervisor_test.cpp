#include "catch.hpp"
#include "unwilling.hpp"
#include "world.hpp"

#include "spindle/fs/memory/memory_vfs.hpp"
#include "spindle/fs/testing/faulty_vfs.hpp"

#include <algorithm>
#include <set>

using namespace spindle;
using namespace std::literals;

namespace {

/// Keeps what it is told.
struct collector_state {
  collector_state(cafx::self_ptr<callback>, std::vector<outcome>* log)
      : log(log) {}

  callback::behavior_type make_behavior() {
    return {
      [this](const outcome& x) -> caf::result<void> {
        log->push_back(x);
        return caf::unit;
      },
    };
  }

  std::vector<outcome>* log;
};

struct list_collector_state {
  list_collector_state(cafx::self_ptr<list_callback>,
                       std::vector<oplist_report>* log)
      : log(log) {}

  list_callback::behavior_type make_behavior() {
    return {
      [this](const oplist_report& x) -> caf::result<void> {
        log->push_back(x);
        return caf::unit;
      },
    };
  }

  std::vector<oplist_report>* log;
};

/// A queue over a disk in memory.
struct supervisor_fixture {
  explicit supervisor_fixture(settings x = {}) : bounds(x) {
    bounds.disk = faulty;
    queue = test::spawn_bare_queue(w.system(), bounds);
    w.run();
    collector = w.system().spawn<cafx::actor_of<collector_state>>(&log);
    list_collector
      = w.system().spawn<cafx::actor_of<list_collector_state>>(&reports);
  }

  /// Actors that know each other would keep each other for ever.
  ~supervisor_fixture() {
    w.kill(queue->supervisor);
  }

  template <class... Ts>
  auto ask(Ts&&... xs) {
    return w.ask(queue->supervisor, std::forward<Ts>(xs)...);
  }

  /// Sends an operation whose outcome goes to the log, without running
  /// anything.
  void submit(operation op) {
    auto send = [this](auto& x) {
      cafx::anon_mail(x, collector).send(queue->supervisor);
    };
    std::visit(send, op);
  }

  /// Sends without running anything.
  template <class... Ts>
  auto request(Ts&&... xs) {
    return w.self->mail(std::forward<Ts>(xs)...)
      .request(queue->supervisor, cafx::infinite);
  }

  queue_status status() {
    return *ask(get_status{});
  }

  test::world w;
  std::shared_ptr<fs::memory_vfs> memory = std::make_shared<fs::memory_vfs>();
  std::shared_ptr<fs::faulty_vfs> faulty
    = std::make_shared<fs::faulty_vfs>(memory);
  settings bounds;
  std::shared_ptr<test::bare_queue> queue;
  std::vector<outcome> log;
  std::vector<oplist_report> reports;
  callback collector;
  list_callback list_collector;
};

template <class T>
errc code_of(const caf::expected<T>& x) {
  REQUIRE(!x);
  auto why = failure_of(x.error());
  REQUIRE(why);
  return why->code;
}

file_write write(std::string path, std::string_view text = "text") {
  return {.path = std::move(path), .data = buffer{text}};
}

} // namespace

TEST_CASE("each operation answers with its own output") {
  supervisor_fixture f;
  CHECK(f.ask(write("a", "hello")));
  CHECK(f.ask(file_read{.path = "a"})->text() == "hello");
  CHECK(*f.ask(file_exists{.path = "a"}));
  CHECK(!*f.ask(directory_exists{.path = "a"}));
  CHECK(f.ask(directory_create{.path = "d"}));
  CHECK(f.ask(file_copy{.path = "a", .target = "d/b"}));
  auto listing = f.ask(directory_contents{.path = "d"});
  REQUIRE(listing);
  CHECK(*listing == directory_listing{{"b", file_type::file}});
  CHECK(f.ask(file_stat{.path = "a"})->size == 5);
  CHECK(f.ask(directory_walk{.path = "."})->entries.size() == 3);
  CHECK(f.ask(symlink_create{.path = "l", .target = "a"}));
  CHECK(*f.ask(symlink_read{.path = "l"}) == "a");
  CHECK(f.ask(disk_space{.path = "."}));
  CHECK(f.memory->read_file("d/b") == "hello");
}

TEST_CASE("a failure tells the operation, the path and errno") {
  supervisor_fixture f;
  auto res = f.ask(file_read{.path = "missing"});
  REQUIRE(!res);
  CHECK(res.error() == errc::not_found);
  auto why = failure_of(res.error());
  REQUIRE(why);
  CHECK(why->operation == "file_read");
  CHECK(why->path == "missing");
  CHECK(why->sys_errno == ENOENT);
}

TEST_CASE("an operation with a callback is answered with a ticket at once") {
  supervisor_fixture f;
  auto first = f.ask(write("a"), f.collector);
  auto second = f.ask(file_read{.path = "nope"}, f.collector);
  REQUIRE(first);
  REQUIRE(second);
  CHECK(*first < *second);
  REQUIRE(f.log.size() == 2);
  CHECK(f.log[0].ticket == *first);
  CHECK(!f.log[0].why());
  CHECK(f.log[0].get<done>() == done{});
  REQUIRE(std::get_if<file_write>(&f.log[0].op));
  CHECK(std::get<file_write>(f.log[0].op).path == "a");
  CHECK(std::get<file_write>(f.log[0].op).data.empty());
  CHECK(f.log[1].ticket == *second);
  REQUIRE(f.log[1].why());
  CHECK(f.log[1].why()->code == errc::not_found);
}

TEST_CASE("an oplist is reported as it was nested") {
  supervisor_fixture f;
  auto list = oplist{}
                .add(directory_create{.path = "d"}, f.collector)
                .add(oplist{}
                       .add(file_read{.path = "nope"})
                       .add(write("d/x"), f.collector))
                .add(file_exists{.path = "d/x"});
  SECTION("as a request") {
    auto res = f.ask(list);
    REQUIRE(res);
    REQUIRE(res->entries.size() == 3);
    CHECK(res->size() == 4);
    CHECK(res->failed() == 1);
    auto& nested = std::get<oplist_report>(res->entries[1].value);
    REQUIRE(nested.entries.size() == 2);
    CHECK(std::get<outcome>(nested.entries[0].value).why()->code
          == errc::not_found);
    CHECK(std::get<outcome>(res->entries[2].value).get<bool>());
    CHECK(f.log.size() == 2);
  }
  SECTION("with a callback") {
    auto id = f.ask(list, f.list_collector);
    REQUIRE(id);
    REQUIRE(f.reports.size() == 1);
    CHECK(f.reports[0].ticket == *id);
    CHECK(f.reports[0].size() == 4);
    REQUIRE(f.log.size() == 2);
    CHECK(f.log[0].ticket == *id);
  }
  SECTION("that stops on errors") {
    std::get<oplist>(list.entries[1].what).policy = on_error::stop;
    list.policy = on_error::stop;
    auto res = f.ask(list);
    REQUIRE(res);
    auto& nested = std::get<oplist_report>(res->entries[1].value);
    CHECK(std::get<outcome>(nested.entries[1].value).why()->code
          == errc::skipped);
    CHECK(std::get<outcome>(res->entries[2].value).why()->code
          == errc::skipped);
    CHECK(!f.memory->read_file("d/x"));
  }
  SECTION("that is empty") {
    auto res = f.ask(oplist{});
    REQUIRE(res);
    CHECK(res->entries.empty());
  }
}

TEST_CASE("limits are checked before anything runs") {
  settings x;
  x.max_oplist_depth = 3;
  x.max_oplist_length = 4;
  x.max_pending_ops = 6;
  x.max_pending_bytes = 100;
  supervisor_fixture f{x};
  SECTION("depth of an oplist") {
    auto list = oplist{}.add(oplist{}.add(oplist{}.add(write("a"))));
    CHECK(f.ask(list));
    auto res = f.ask(oplist{}.add(write("b")).add(list));
    CHECK(code_of(res) == errc::limit_exceeded);
    CHECK(failure_of(res.error())->detail.find("max_oplist_depth")
          != std::string::npos);
    CHECK(!f.memory->read_file("b"));
  }
  SECTION("length of an oplist") {
    oplist list;
    for (int i = 0; i < 5; ++i)
      list.add(write(std::to_string(i)));
    CHECK(code_of(f.ask(list)) == errc::limit_exceeded);
    CHECK(!f.memory->read_file("0"));
  }
  SECTION("operations in the queue") {
    std::vector<decltype(f.request(write("")))> requests;
    for (int i = 0; i < 8; ++i)
      requests.push_back(f.request(write(std::to_string(i))));
    f.w.run();
    int full = 0;
    for (auto& request : requests)
      if (auto res = std::move(request).receive(); !res) {
        CHECK(code_of(res) == errc::queue_full);
        ++full;
      }
    CHECK(full == 2);
    CHECK(f.ask(write("later")));
    CHECK(f.status().high_water == 6);
  }
  SECTION("bytes in the queue") {
    auto big = write("big", std::string(101, 'x'));
    CHECK(code_of(f.ask(big)) == errc::queue_full);
    CHECK(code_of(f.ask(big, f.collector)) == errc::queue_full);
    CHECK(f.ask(write("fits", std::string(100, 'x'))));
    CHECK(f.status().pending_bytes == 0);
  }
}

TEST_CASE("empty lists count against limits, nested or not") {
  settings x;
  x.max_oplist_depth = 3;
  x.max_oplist_length = 4;
  x.max_pending_ops = 6;
  supervisor_fixture f{x};
  auto empty = [](int count) {
    oplist res;
    for (int i = 0; i < count; ++i)
      res.add(oplist{});
    return res;
  };
  SECTION("each is one") {
    CHECK(oplist{}.cost() == 1);
    CHECK(empty(4).cost() == 4);
    CHECK(oplist{}.add(empty(2)).add(empty(1)).cost() == 5);
    CHECK(oplist{}.add(write("a")).add(empty(1)).cost() == 3);
  }
  SECTION("length of an oplist") {
    CHECK(f.ask(empty(4)));
    auto res = f.ask(empty(5));
    CHECK(code_of(res) == errc::limit_exceeded);
    CHECK(failure_of(res.error())->detail.find("max_oplist_length")
          != std::string::npos);
    CHECK(f.ask(oplist{}.add(empty(2)).add(oplist{})));
    CHECK(code_of(f.ask(oplist{}.add(empty(2)).add(empty(1))))
          == errc::limit_exceeded);
  }
  SECTION("operations in the queue") {
    std::vector<decltype(f.request(oplist{}))> requests;
    // Of the lists of one, six fit; then one of four, with room for two more.
    auto nested = GENERATE(false, true);
    for (int i = 0; i < 8; ++i)
      requests.push_back(f.request(nested ? empty(4) : oplist{}));
    f.w.run();
    int full = 0;
    for (auto& request : requests)
      if (auto res = std::move(request).receive(); !res) {
        CHECK(code_of(res) == errc::queue_full);
        ++full;
      }
    CHECK(full == (nested ? 7 : 2));
    auto now = f.status();
    CHECK(now.high_water == (nested ? 4 : 6));
    CHECK(now.pending + now.running + now.delivering == 0);
    CHECK(f.ask(empty(4)));
  }
}

TEST_CASE("a list that is nested very deep is refused without recursion") {
  constexpr size_t count = 100'000;
  supervisor_fixture f;
  oplist list;
  list.add(write("a"));
  for (size_t i = 1; i < count; ++i) {
    oplist outer;
    outer.add(std::move(list));
    list = std::move(outer);
  }
  CHECK(list.depth() == count);
  CHECK(list.size() == 1);
  CHECK(list.cost() == count);
  auto copy = list;
  CHECK(copy.depth() == count);
  auto moved = std::move(copy);
  CHECK(moved.depth() == count);
  copy = moved;
  moved = oplist{};
  CHECK(moved.depth() == 1);
  CHECK(copy.depth() == count);
  auto res = f.ask(list);
  CHECK(code_of(res) == errc::limit_exceeded);
  CHECK(failure_of(res.error())->detail.find("max_oplist_depth")
        != std::string::npos);
  CHECK(code_of(f.ask(list, f.list_collector)) == errc::limit_exceeded);
  CHECK(code_of(f.ask(std::move(copy), local_list_callback{}))
        == errc::limit_exceeded);
  CHECK(f.reports.empty());
  CHECK(!f.memory->read_file("a"));
  CHECK(f.ask(write("b")));
}

TEST_CASE("a callback that answers with an error harms nobody else") {
  supervisor_fixture f;
  auto throws = GENERATE(false, true);
  CAPTURE(throws);
  auto one = test::spawn_unwilling<callback, outcome>(f.w.system(), throws);
  auto other
    = test::spawn_unwilling<list_callback, oplist_report>(f.w.system(), throws);
  SECTION("of an operation") {
    CHECK(f.ask(write("a"), one));
  }
  SECTION("of a list") {
    CHECK(f.ask(oplist{}.add(write("a")), other));
  }
  SECTION("of an entry of a list") {
    CHECK(f.ask(oplist{}.add(write("a"), one)));
  }
  f.w.run();
  CHECK(f.ask(write("b")));
  CHECK(f.status().succeeded == 2);
  f.w.kill(one);
  f.w.kill(other);
}

TEST_CASE("a queue that is idle holds no data of its clients") {
  supervisor_fixture f;
  auto bytes = std::shared_ptr<std::byte[]>{new std::byte[8]{}};
  buffer data{bytes, 8};
  auto op = file_write{.path = "a", .data = data};
  SECTION("an operation") {
    CHECK(f.ask(op));
  }
  SECTION("an operation with a callback") {
    CHECK(f.ask(op, f.collector));
    f.w.run();
    CHECK(f.log.size() == 1);
  }
  SECTION("an oplist") {
    CHECK(f.ask(oplist{}.add(op)));
  }
  op = {};
  data = {};
  CHECK(bytes.use_count() == 1);
}

TEST_CASE("operations that wait share a turn, up to ops_per_turn") {
  supervisor_fixture f{{.ops_per_turn = 4}};
  auto submit = [&f](int count) {
    for (int i = 0; i < count; ++i)
      f.submit(file_exists{.path = "a"});
    f.w.run();
  };
  submit(4);
  CHECK(f.status().units == 1);
  submit(10);
  CHECK(f.status().units == 4);
  CHECK(f.log.size() == 14);
}

TEST_CASE("a turn has half of what the queue holds, or a few operations") {
  auto [held, found] = GENERATE(Catch::Generators::table<size_t, uint64_t>(
    {{8, 1}, {9, 2}, {16, 2}, {64, 2}, {200, 4}}));
  settings bounds;
  bounds.disk = std::make_shared<fs::memory_vfs>();
  test::world w;
  auto queue = test::spawn_bare_queue(w.system(), bounds);
  // Before the disk actors have met, so that all wait for the first turn.
  std::vector<outcome> log;
  callback collector = w.system().spawn<cafx::actor_of<collector_state>>(&log);
  for (size_t i = 0; i < held; ++i)
    cafx::anon_mail(file_exists{.path = "a"}, collector)
      .send(queue->supervisor);
  w.run();
  CHECK(log.size() == held);
  auto status = *w.ask(queue->supervisor, get_status{});
  CHECK(status.units == found);
  w.kill(queue->supervisor);
}

TEST_CASE("what is cancelled before it starts is never done") {
  settings x;
  x.ops_per_turn = 1;
  supervisor_fixture f{x};
  // All of this is in the mailbox of the supervisor before any actor runs.
  for (auto name : {"a", "b", "c", "d"})
    f.submit(write(name));
  auto first = f.request(cancel{ticket{2}});
  auto again = f.request(cancel{ticket{2}});
  auto in_queue = f.request(cancel{ticket{4}});
  f.w.run();
  CHECK(*std::move(first).receive() == true);
  CHECK(*std::move(again).receive() == false);
  CHECK(*std::move(in_queue).receive() == true);
  REQUIRE(f.log.size() == 4);
  for (auto& res : f.log) {
    CAPTURE(res.ticket.id);
    auto cancelled = res.ticket.id % 2 == 0;
    CHECK((res.why() != nullptr) == cancelled);
    if (res.why())
      CHECK(res.why()->code == errc::cancelled);
    CHECK(f.memory->read_file(path_of(res.op)).has_value() != cancelled);
  }
  CHECK(f.status().pending == 0);
}

TEST_CASE("what is done, or was never admitted, cannot be cancelled") {
  supervisor_fixture f;
  auto id = f.ask(write("a"), f.collector);
  REQUIRE(id);
  CHECK(*f.ask(cancel{*id}) == false);
  CHECK(*f.ask(cancel{ticket{4711}}) == false);
  CHECK(*f.ask(cancel{ticket{}}) == false);
}

TEST_CASE("the status counts what was done") {
  supervisor_fixture f;
  REQUIRE(f.ask(write("a", "12345")));
  REQUIRE(f.ask(file_read{.path = "a"}));
  REQUIRE(!f.ask(file_read{.path = "b"}));
  REQUIRE(f.ask(
    oplist{}.add(file_delete{.path = "a"}).add(file_delete{.path = "a"})));
  auto res = f.status();
  CHECK(res.pending == 0);
  CHECK(res.running == 0);
  CHECK(res.delivering == 0);
  CHECK(res.succeeded == 3);
  CHECK(res.failed == 2);
  CHECK(res.operations
        == std::vector<operation_count>{
          {"file_delete", 1, 1}, {"file_read", 1, 1}, {"file_write", 1, 0}});
  CHECK(res.bytes_written == 5);
  CHECK(res.bytes_read == 5);
  CHECK(res.units == 4);
  CHECK(res.turns == std::vector<uint64_t>{4, 0});
  CHECK(res.mean_unit == Approx(1.25));
}

TEST_CASE("shutdown finishes what was admitted, then ends every actor") {
  supervisor_fixture f;
  std::vector<decltype(f.request(write("")))> requests;
  for (int i = 0; i < 20; ++i)
    requests.push_back(f.request(write(std::to_string(i))));
  auto end = f.request(shutdown{});
  auto late = f.request(write("late"));
  f.w.run();
  auto report = std::move(end).receive();
  REQUIRE(report);
  CHECK(report->totals.succeeded == 20);
  CHECK(report->undone.empty());
  for (auto& request : requests)
    CHECK(std::move(request).receive());
  CHECK(code_of(std::move(late).receive()) == errc::shut_down);
  CHECK(!f.memory->read_file("late"));
  CHECK(f.w.terminated(f.queue->supervisor));
  CHECK(f.w.terminated(f.queue->callbacks));
  for (auto& disk : f.queue->disks)
    CHECK(f.w.terminated(disk));
  SECTION("and a queue can be spawned again") {
    auto again = test::spawn_bare_queue(f.w.system(), f.bounds);
    f.w.run();
    CHECK(f.w.ask(again->supervisor, file_read{.path = "7"}));
    CHECK(f.w.ask(again->supervisor, shutdown{}));
  }
}

TEST_CASE("shutdown with a deadline names what it gave up") {
  settings x;
  x.ops_per_turn = 1;
  supervisor_fixture f{x};
  SECTION("when the deadline passes") {
    for (auto name : {"a", "b", "c", "d"})
      f.submit(write(name));
    auto end = f.request(shutdown{1h});
    cafx::anon_mail(deadline_passed{}).send(f.queue->supervisor);
    f.w.run();
    auto report = std::move(end).receive();
    REQUIRE(report);
    CHECK(report->undone
          == std::vector<undone>{{ticket{1}, "file_write", "a", false},
                                 {ticket{2}, "file_write", "b", false},
                                 {ticket{3}, "file_write", "c", false},
                                 {ticket{4}, "file_write", "d", false}});
    REQUIRE(f.log.size() == 4);
    for (auto& res : f.log) {
      CAPTURE(res.ticket.id);
      REQUIRE(res.why());
      CHECK(res.why()->code == errc::timed_out);
      CHECK(!f.memory->read_file(path_of(res.op)));
    }
  }
  SECTION("which is empty when all was done in time") {
    f.submit(write("a"));
    auto end = f.request(shutdown{1h});
    f.w.run();
    auto report = std::move(end).receive();
    REQUIRE(report);
    CHECK(report->undone.empty());
    CHECK(report->totals.succeeded == 1);
  }
  CHECK(f.w.terminated(f.queue->supervisor));
  for (auto& disk : f.queue->disks)
    CHECK(f.w.terminated(disk));
}

TEST_CASE(
  "a disk actor that is killed between turns takes no operation along") {
  settings x;
  x.ops_per_turn = 1;
  supervisor_fixture f{x};
  auto victim = GENERATE(size_t{0}, size_t{1});
  auto steps = GENERATE(range(0, 8));
  for (auto name : {"a", "b", "c", "d"})
    f.submit(write(name));
  for (int i = 0; i < steps; ++i)
    f.w.step();
  f.w.kill(f.queue->disks[victim]);
  REQUIRE(f.log.size() == 4);
  for (auto& res : f.log) {
    CAPTURE(res.ticket.id, victim, steps);
    CHECK(!res.why());
    CHECK(f.memory->read_file(path_of(res.op)).has_value());
  }
  CHECK(f.status().disk_actors_replaced == 1);
}

TEST_CASE("a dead disk actor is replaced and its operations fail") {
  supervisor_fixture f;
  auto first = GENERATE(0, 1);
  REQUIRE(f.ask(write("before")));
  f.w.kill(f.queue->disks[static_cast<size_t>(first)]);
  CHECK(f.queue->disks.size() == 3);
  CHECK(f.ask(write("x")));
  CHECK(f.ask(write("y")));
  f.w.kill(f.queue->disks[static_cast<size_t>(1 - first)]);
  f.w.kill(f.queue->disks[2]);
  CHECK(f.ask(write("z")));
  auto res = f.status();
  CHECK(res.disk_actors_replaced == 3);
  CHECK(res.succeeded == 4);
  CHECK(f.ask(shutdown{}));
}

TEST_CASE("a disk actor that dies of an exception takes nobody with it") {
  supervisor_fixture f;
  struct lightning {};
  f.faulty->plan().observe([](auto, auto& path) {
    if (path == "deadly")
      throw lightning{};
  });
  for (int i = 0; i < 4; ++i) {
    CHECK(f.ask(write("good")));
    CHECK(code_of(f.ask(write("deadly"))) == errc::disk_actor_failed);
  }
  auto both = f.request(write("deadly"));
  auto together = f.request(write("good"));
  f.w.run();
  CHECK(code_of(std::move(both).receive()) == errc::disk_actor_failed);
  std::ignore = std::move(together).receive();
  CHECK(f.ask(write("good")));
  CHECK(f.status().disk_actors_replaced == 5);
}

TEST_CASE("if the supervisor is killed, everybody who waits is told") {
  supervisor_fixture f;
  auto pending = f.request(write("a"));
  auto list = f.request(oplist{}.add(write("b")));
  REQUIRE(f.w.step());
  f.w.kill(f.queue->supervisor);
  auto res = std::move(pending).receive();
  auto res2 = std::move(list).receive();
  CHECK((res || code_of(res) == errc::shut_down
         || res.error() == caf::sec::request_receiver_down));
  CHECK(!(res2 && res));
  for (auto& disk : f.queue->disks)
    CHECK(f.w.terminated(disk));
}

TEST_CASE("if the supervisor is killed, functions are told, too") {
  supervisor_fixture f;
  std::vector<outcome> told;
  local_callback note{[&told](const outcome& x) { told.push_back(x); }};
  local_callback note_and_throw{[&told](const outcome& x) {
    told.push_back(x);
    throw std::runtime_error{"from a test: this line is expected"};
  }};
  local_list_callback note_all{[&told](const oplist_report& x) {
    for (const auto& entry : x.entries)
      told.push_back(std::get<outcome>(entry.value));
  }};
  auto first = f.request(operation{write("a")}, note_and_throw);
  auto second = f.request(operation{write("b")}, note);
  auto list = f.request(oplist{}.add(write("c")).add(write("d")), note_all);
  // The supervisor admits all of it, and nobody else gets to do anything.
  for (int i = 0; i < 3; ++i)
    REQUIRE(f.w.step());
  f.w.kill(f.queue->supervisor);
  REQUIRE(std::move(first).receive());
  REQUIRE(std::move(second).receive());
  REQUIRE(std::move(list).receive());
  std::set<std::string> paths;
  for (const auto& x : told) {
    CAPTURE(path_of(x.op));
    paths.insert(path_of(x.op));
    CHECK((!x.why() || x.why()->code == errc::shut_down));
    auto written = f.memory->read_file(path_of(x.op)).has_value();
    CHECK(written == (x.why() == nullptr));
  }
  CHECK(told.size() == 4);
  CHECK(paths == std::set<std::string>{"a", "b", "c", "d"});
  CHECK(std::any_of(told.begin(), told.end(),
                    [](const auto& x) { return x.why() != nullptr; }));
}

TEST_CASE("an exception from the file system is a failure of the operation") {
  supervisor_fixture f;
  f.faulty->plan().observe(
    [](auto, auto&) { throw std::runtime_error{"boom"}; });
  auto res = f.ask(write("a"));
  CHECK(code_of(res) == errc::system_error);
  CHECK(failure_of(res.error())->detail == "boom");
  f.faulty->plan().observe(nullptr);
  CHECK(f.ask(write("a")));
  CHECK(f.status().disk_actors_replaced == 0);
}
