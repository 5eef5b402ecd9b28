// What becomes of a queue if one of its actors is killed or has an exception.
#include "supervisor_fixture.hpp"

#include <algorithm>
#include <set>
#include <stdexcept>

using namespace spindle;
using namespace spindle::test;
using namespace std::literals;

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
    CHECK(res.result);
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
    CHECK((x.result || x.result.error().code == errc::shut_down));
    auto written = f.memory->read_file(path_of(x.op)).has_value();
    CHECK(written == x.result.has_value());
  }
  CHECK(told.size() == 4);
  CHECK(paths == std::set<std::string>{"a", "b", "c", "d"});
  CHECK(std::any_of(told.begin(), told.end(),
                    [](const auto& x) { return !x.result; }));
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
