#include "failure_of.hpp"
#include "plain_sender.hpp"
#include "supervisor_fixture.hpp"
#include "unwilling.hpp"

using namespace spindle;
using namespace spindle::test;
using namespace std::literals;

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
  CHECK(f.log[0].result);
  CHECK(f.log[0].get<done>() == done{});
  REQUIRE(std::get_if<file_write>(&f.log[0].op));
  CHECK(std::get<file_write>(f.log[0].op).path == "a");
  CHECK(std::get<file_write>(f.log[0].op).data.empty());
  CHECK(f.log[1].ticket == *second);
  REQUIRE(!f.log[1].result);
  CHECK(f.log[1].result.error().code == errc::not_found);
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
    CHECK(
      kit::failure_of(std::get<outcome>(nested.entries[0].value).result).code
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
    CHECK(
      kit::failure_of(std::get<outcome>(nested.entries[1].value).result).code
      == errc::skipped);
    CHECK(kit::failure_of(std::get<outcome>(res->entries[2].value).result).code
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

TEST_CASE("what a queue refuses does not end its sender, unless requested") {
  supervisor_fixture f{{.max_oplist_length = 1}};
  auto too_long = oplist{}.add(write("a")).add(write("b"));
  auto sender = test::spawn_plain_sender(f.w.system(), [&](auto self) {
    auto tell = [&](auto... xs) {
      self->mail(std::move(xs)...).send(f.queue->supervisor);
    };
    tell(file_read{.path = "missing"});
    tell(too_long);
    tell(too_long, f.list_collector);
    tell(too_long, local_list_callback{});
    tell(get_progress{ticket{99}});
    tell(recall_writer{.id = 99});
    tell(set_profiles{{profile{}}});
  });
  f.w.run();
  CHECK(!f.w.terminated(sender));
  CHECK(f.status().failed == 1);
  CHECK(f.reports.empty());
  f.w.kill(sender);
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
  callback collector
    = w.system().spawn<cafx::actor_of<outcome_collector_state>>(&log);
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
    CHECK(!res.result == cancelled);
    if (!res.result)
      CHECK(res.result.error().code == errc::cancelled);
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
      REQUIRE(!res.result);
      CHECK(res.result.error().code == errc::timed_out);
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
