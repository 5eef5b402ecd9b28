#include "catch.hpp"
#include "fake_job.hpp"

#include "spindle/queue/scheduler.hpp"

#include <string>

using namespace spindle;
using namespace std::literals;
using test::fake_job;

namespace {

using fate = scheduler<fake_job>::fate;

/// A scheduler that knows the time; disk actor 1 has the turn.
struct timed_fixture {
  using time_point = scheduler<fake_job>::time_point;

  void push(uint64_t lane, bool in_background = false) {
    auto what = jobs.make("");
    what->in_background = in_background;
    std::ignore = all.push({lane}, 1, std::move(what));
  }

  void begin() {
    all.begin(1, 64, now);
  }

  /// Ends the turn; nobody else can take it.
  void end() {
    std::ignore = all.end(1, 99);
  }

  /// Takes the next job, and executes it for `time`. Meanwhile, `then` happens.
  template <class Fun>
  void execute(std::chrono::nanoseconds time, Fun then) {
    REQUIRE(all.take(1));
    now += time;
    then();
    all.done(1, time);
  }

  void execute(std::chrono::nanoseconds time) {
    execute(time, [] {});
  }

  /// Returns whether an operation has waited for longer, so that writers must
  /// give way. Ends the turn.
  bool have_waited(std::chrono::nanoseconds goal) {
    end();
    now += share_controller::period;
    begin();
    return all.share(goal) < 1;
  }

  test::fake_jobs jobs;
  scheduler<fake_job> all{1, 2};
  time_point now = time_point{} + 1h;
};

/// Two disk actors, 1 and 2, without threads.
struct scheduler_fixture {
  uint64_t push(lane_id id, std::string name, size_t ops = 1,
                bool exclusive = false) {
    return all.push(id, 1, jobs.make(std::move(name), ops, exclusive));
  }

  /// Executes a turn of up to `max_ops` jobs, passes it, and returns the names.
  std::string turn(size_t max_ops = 64) {
    all.begin(holder, max_ops);
    std::string res;
    while (auto what = all.take(holder)) {
      res += what->name;
      all.done(holder, 1ms);
    }
    end();
    return res;
  }

  fate end() {
    auto res = all.end(holder, 3 - holder);
    if (res.then == fate::passed)
      holder = 3 - holder;
    results = res.results;
    return res.then;
  }

  test::fake_jobs jobs;
  scheduler<fake_job> all{1, 2};
  uint64_t holder = 1;
  scheduler<fake_job>::job_list results;
};

} // namespace

TEST_CASE(
  "turns alternate while there is work, then the holder keeps the turn") {
  scheduler_fixture f;
  CHECK(f.turn() == "");
  CHECK(f.push({1}, "a") == 1);
  CHECK(f.push({1}, "b") == 0);
  CHECK(f.push({1}, "c") == 0);
  CHECK(f.turn(1) == "a");
  CHECK(f.holder == 2);
  CHECK(f.turn(1) == "b");
  CHECK(f.holder == 1);
  CHECK(f.turn(1) == "c");
  CHECK(f.holder == 1);
  CHECK(f.results.size() == 1);
  CHECK(f.push({1}, "d") == 1);
  CHECK(f.all.load().turns == std::array<uint64_t, 2>{2, 1});
  CHECK(f.all.load().executed == 3);
}

TEST_CASE(
  "a turn has half of the jobs in the queue, or a few if there are few") {
  auto [held, found] = GENERATE(Catch::Generators::table<size_t, size_t>(
    {{8, 8}, {9, 8}, {16, 8}, {64, 32}, {200, 64}}));
  scheduler_fixture f;
  for (size_t i = 0; i < held; ++i)
    std::ignore = f.push({i}, "x");
  CHECK(f.turn().size() == found);
}

TEST_CASE("an exclusive job has its own turn") {
  scheduler_fixture f;
  std::ignore = f.push({1}, "a");
  std::ignore = f.push({1}, "L", 7, true);
  std::ignore = f.push({1}, "b");
  std::ignore = f.push({2}, "X");
  CHECK(f.turn() == "aX");
  CHECK(f.turn() == "L");
  CHECK(f.turn() == "b");
}

TEST_CASE("a job that rests ends the turn, and keeps its place") {
  scheduler_fixture f;
  for (auto name : {"a", "b"})
    std::ignore = f.push({1}, name);
  f.all.begin(1, 64);
  REQUIRE(f.all.take(1)->name == "a");
  f.all.rest(1, 10ms);
  CHECK(f.all.take(1) == nullptr);
  CHECK(f.end() == fate::passed);
  CHECK(f.results.empty());
  CHECK(f.all.load().resting == 1);
  REQUIRE(f.all.begun().size() == 1);
  CHECK(f.all.begun()[0]->state == job_state::resting);
  std::ignore = f.push({2}, "X");
  // The job continues while the earlier results are delivered.
  CHECK(f.turn() == "X");
  CHECK(f.turn() == "ab");
  CHECK(f.all.load().resting == 0);
}

TEST_CASE("a result does not wait for steps of writers") {
  scheduler_fixture f;
  auto push_step = [&f](uint64_t client, std::string name) {
    auto what = f.jobs.make(std::move(name));
    what->in_background = true;
    std::ignore = f.all.push({client}, 1, std::move(what));
  };
  push_step(1, "s");
  push_step(2, "t");
  std::ignore = f.push({3}, "a");
  std::ignore = f.push({4}, "b");
  push_step(5, "u");
  push_step(6, "v");
  CHECK(f.turn() == "stab");
  CHECK(f.turn() == "uv");
}

TEST_CASE("a job can be cancelled in every state") {
  scheduler_fixture f;
  for (auto name : {"a", "b", "c"})
    std::ignore = f.push({1}, name);
  f.all.begin(1, 64);
  auto at_disk = f.all.take(1);
  CHECK(f.all.cancel(1).where == job_state::running);
  CHECK(f.all.cancel(1).what == at_disk);
  auto waiting = f.all.cancel(2);
  CHECK(waiting.where == job_state::waiting);
  CHECK(waiting.what->state == job_state::done);
  CHECK(!f.all.cancel(2).what);
  CHECK(!f.all.cancel(4711).what);
  f.all.rest(1, 1ms);
  CHECK(f.all.cancel(1).where == job_state::resting);
  f.end();
  CHECK(f.turn() == "ac");
  CHECK(f.all.load().held_ops == 3);
  CHECK(!f.all.delivered({3, 3, 30}));
  CHECK(f.all.load().held_bytes == 0);
  CHECK(f.all.load().delivered.ops == 3);
}

TEST_CASE("giving up removes only jobs that have not begun") {
  scheduler_fixture f;
  for (uint64_t i = 0; i < 20; ++i)
    std::ignore = f.push({i % 5}, std::to_string(i));
  f.all.begin(1, 64);
  auto first = f.all.take(1);
  f.all.rest(1, 1ms);
  auto given_up = f.all.give_up();
  REQUIRE(given_up.size() == 19);
  CHECK(std::is_sorted(given_up.begin(), given_up.end(),
                       [](auto& x, auto& y) { return x->number < y->number; }));
  CHECK(f.all.load().waiting == 0);
  f.end();
  CHECK(f.turn() == first->name);
}

TEST_CASE("a disk actor dies") {
  scheduler_fixture f;
  for (auto name : {"a", "b", "c", "d"})
    std::ignore = f.push({1}, name);
  SECTION("while it executes a job and has a result") {
    f.all.begin(1, 64);
    f.all.take(1);
    f.all.done(1, 1ms);
    f.all.take(1);
    auto left = f.all.replace(1, 3);
    CHECK(left.had_turn);
    REQUIRE(left.lost.size() == 2);
    CHECK(left.lost[0]->name == "a");
    CHECK(left.lost[1]->name == "b");
    CHECK(left.lost[1]->state == job_state::done);
    f.all.begin(3, 64);
    CHECK(f.all.take(3)->name == "c");
  }
  SECTION("while its peer has the turn") {
    auto left = f.all.replace(2, 3);
    CHECK(!left.had_turn);
    CHECK(left.lost.empty());
    f.all.begin(1, 1);
    f.all.take(1);
    f.all.done(1, 1ms);
    // The peer that the holder knows is dead.
    CHECK(f.all.end(1, 2).then == fate::kept);
    f.all.begin(1, 1);
    CHECK(f.all.take(1)->name == "b");
    f.all.done(1, 1ms);
    CHECK(f.all.end(1, 3).then == fate::passed);
  }
  SECTION("after it got the turn") {
    CHECK(f.turn(1) == "a");
    CHECK(f.all.replace(2, 3).had_turn);
    f.all.begin(3, 64);
    CHECK(f.all.take(3)->name == "b");
  }
  SECTION("while it waits for work") {
    CHECK(f.turn() == "abcd");
    CHECK(f.all.replace(1, 3).had_turn);
    // The successor has the turn and needs no message (0).
    CHECK(f.push({1}, "e") == 0);
    f.all.begin(3, 64);
    CHECK(f.all.take(3)->name == "e");
  }
  SECTION("while a job rests") {
    f.all.begin(1, 64);
    f.all.take(1);
    f.all.rest(1, 1ms);
    CHECK(f.all.end(1, 2).then == fate::passed);
    CHECK(f.all.replace(1, 3).lost.empty());
    f.all.begin(2, 64);
    CHECK(f.all.take(2)->name == "a");
  }
}

TEST_CASE("the caller is notified when the queue is empty") {
  scheduler_fixture f;
  CHECK(f.all.await_idle());
  std::ignore = f.push({1}, "a", 0);
  std::ignore = f.push({1}, "b", 3);
  CHECK(!f.all.await_idle());
  CHECK(f.all.load().high_water == 3);
  CHECK(f.turn() == "ab");
  CHECK(!f.all.delivered({1, 3, 30}));
  CHECK(f.all.delivered({1, 0, 0}));
  // Only once.
  std::ignore = f.push({1}, "c");
  CHECK(f.turn() == "c");
  CHECK(!f.all.delivered({1, 1, 10}));
}

// -- waiting times ------------------------------------------------------------

TEST_CASE("an operation waits for the job that is executed when it comes") {
  timed_fixture f;
  f.push(1);
  f.begin();
  f.execute(10ms, [&f] { f.push(2); });
  f.execute(1ms);
  CHECK(f.have_waited(8ms));
  CHECK(!f.have_waited(10ms));
}

TEST_CASE("an operation waits for the jobs of other lanes before it") {
  timed_fixture f;
  f.begin();
  for (uint64_t lane : {1, 2, 3})
    f.push(lane);
  for (int i = 0; i < 3; ++i)
    f.execute(5ms);
  CHECK(f.have_waited(8ms));
  CHECK(!f.have_waited(10ms));
}

TEST_CASE("an operation does not wait for those before it in its lane") {
  timed_fixture f;
  f.begin();
  for (int i = 0; i < 5; ++i)
    f.push(1);
  for (int i = 0; i < 5; ++i)
    f.execute(10ms);
  CHECK(!f.have_waited(1us));
}

TEST_CASE("nobody minds if a step of a writer waits") {
  timed_fixture f;
  f.begin();
  f.push(1);
  f.push(2, true);
  f.execute(10ms);
  f.end();
  f.begin();
  f.execute(10ms);
  CHECK(!f.have_waited(1us));
}

TEST_CASE("the time to wake up a disk actor is no wait") {
  timed_fixture f;
  f.begin();
  f.end();
  f.push(1);
  f.push(2);
  f.now += 50ms;
  f.begin();
  f.execute(10ms);
  f.execute(1ms);
  CHECK(f.have_waited(8ms));
  CHECK(!f.have_waited(10ms));
}

TEST_CASE("the time to pass the turn is a wait") {
  timed_fixture f;
  f.begin();
  f.push(1);
  f.push(2);
  f.execute(1ms);
  f.end();
  f.now += 10ms;
  f.begin();
  f.execute(1ms);
  CHECK(f.have_waited(10ms));
  CHECK(!f.have_waited(11ms));
}

TEST_CASE("an operation that has begun does not wait any more") {
  timed_fixture f;
  f.begin();
  f.push(1);
  REQUIRE(f.all.take(1));
  f.now += 1ms;
  f.push(2);
  f.all.rest(1, 1ms);
  f.end();
  f.begin();
  f.execute(20ms);
  f.end();
  f.begin();
  f.execute(1ms);
  CHECK(!f.have_waited(2ms));
}

// -- jobs that await the device -----------------------------------------------

namespace {

/// Disk actor 1 has the turn, and up to 3 jobs await the device.
struct device_fixture : scheduler_fixture {
  device_fixture() {
    all.set_depth(3);
  }

  void push_job(lane_id id, std::string name, job_kind kind = job_kind::reads) {
    auto what = jobs.make(std::move(name));
    what->kind = kind;
    woken = all.push(id, 1, std::move(what));
  }

  /// Takes jobs that await the device, until none is left, and ends the turn.
  std::string await_all(bool settled = false) {
    all.begin(1, 64);
    std::string res;
    while (auto what = all.take(1)) {
      res += what->name;
      all.await_device(1, 1ms, settled);
    }
    CHECK(all.end(1, 2).then == fate::kept);
    return res;
  }

  /// The device has served a job. Continues those that may, and returns their
  /// names.
  std::string serve(uint64_t number) {
    all.returned(1, number);
    std::string res;
    while (auto what = all.resume(1)) {
      res += what->name;
      all.done(1, 1ms);
    }
    return res;
  }

  /// Whether the wait for the device was interrupted.
  bool interrupted = false;
  uint64_t woken = 0;
};

} // namespace

TEST_CASE("as many jobs as the depth await the device") {
  device_fixture f;
  for (auto name : {"a", "b", "c", "d"})
    f.push_job({1}, name);
  CHECK(f.await_all() == "abc");
  CHECK(f.all.load().running == 3);
  f.all.begin(1, 64);
  CHECK(f.serve(2) == "b");
  CHECK(f.all.take(1)->name == "d");
}

TEST_CASE("jobs that await the device do not count towards the turn") {
  device_fixture f;
  f.all.set_depth(100);
  for (int i = 0; i < 50; ++i)
    f.push_job({1}, "x");
  CHECK(f.await_all().size() == 50);
}

TEST_CASE("the turn is kept while a job awaits the device") {
  device_fixture f;
  f.push_job({1}, "a");
  CHECK(f.await_all() == "a");
  f.push_job({2}, "b");
  f.all.begin(1, 64);
  CHECK(f.all.take(1)->name == "b");
  f.all.done(1, 1ms);
  auto ended = f.all.end(1, 2);
  CHECK(ended.then == fate::kept);
  CHECK(ended.results.size() == 1);
  f.all.begin(1, 64);
  CHECK(f.serve(1) == "a");
  CHECK(f.all.end(1, 2).then == fate::parked);
}

TEST_CASE("a new job interrupts the wait for the device") {
  device_fixture f;
  auto interrupt = [&f] { f.interrupted = true; };
  f.push_job({1}, "a");
  f.await_all();
  REQUIRE(f.all.begin_wait(1, interrupt));
  SECTION("if it can be executed meanwhile") {
    f.push_job({2}, "b");
    CHECK(f.interrupted);
  }
  SECTION("not if its lane waits for the device") {
    f.push_job({1}, "b", job_kind::changes);
    CHECK(!f.interrupted);
  }
  SECTION("not after the wait") {
    f.all.begin(1, 64);
    f.push_job({2}, "b");
    CHECK(!f.interrupted);
  }
  // The holder is not asleep, so it needs no message.
  CHECK(f.woken == 0);
}

TEST_CASE("nobody waits for the device while there is another job") {
  device_fixture f;
  f.push_job({1}, "a");
  f.await_all();
  f.push_job({2}, "b");
  CHECK(!f.all.begin_wait(1, [] { FAIL(); }));
}

TEST_CASE("a list begins when nothing awaits the device but durability") {
  device_fixture f;
  auto settled = GENERATE(false, true);
  f.push_job({1}, "a");
  f.await_all(settled);
  std::ignore = f.push({2}, "L", 5, true);
  f.push_job({3}, "b");
  f.all.begin(1, 64);
  auto next = f.all.take(1);
  CHECK((next ? next->name : "") == (settled ? "L" : ""));
}

TEST_CASE("a settled job may have several rounds of syncs") {
  device_fixture f;
  f.push_job({1}, "a", job_kind::changes);
  f.push_job({1}, "b", job_kind::changes);
  CHECK(f.await_all(true) == "ab");
  f.all.begin(1, 64);
  f.all.returned(1, 1);
  REQUIRE(f.all.resume(1)->name == "a");
  f.all.await_device(1, 1ms, true);
  CHECK(f.serve(2) == "b");
  CHECK(f.serve(1) == "a");
  CHECK(f.all.load().lanes == 0);
}

TEST_CASE("a job that awaits the device can be found, but not cancelled") {
  device_fixture f;
  f.push_job({1}, "a");
  f.await_all();
  CHECK(f.all.cancel(1).where == job_state::running);
  CHECK(f.all.begun().size() == 1);
  CHECK(f.all.give_up().empty());
}

TEST_CASE("the jobs that await the device are lost with their disk actor") {
  device_fixture f;
  auto settled = GENERATE(false, true);
  f.push_job({1}, "a");
  f.push_job({2}, "b");
  f.await_all(settled);
  f.push_job({1}, "c", job_kind::changes);
  auto left = f.all.replace(1, 3);
  CHECK(left.had_turn);
  CHECK(left.lost.size() == 2);
  f.all.begin(3, 64);
  CHECK(f.all.take(3)->name == "c");
  f.all.done(3, 1ms);
  CHECK(f.all.end(3, 2).then == fate::parked);
  CHECK(f.all.load().lanes == 0);
}

TEST_CASE("results come soon while a job awaits the device") {
  device_fixture f;
  f.push_job({1}, "a");
  f.await_all();
  f.push_job({2}, "b");
  f.all.begin(1, 64);
  f.all.take(1);
  CHECK(f.all.owes_results(1));
  CHECK(f.all.contended(1));
}

TEST_CASE("a list comes before what the device has served") {
  device_fixture f;
  auto kind = GENERATE(job_kind::reads, job_kind::prepares);
  f.push_job({1}, "a", kind);
  f.push_job({1}, "b", kind);
  f.await_all();
  std::ignore = f.push({2}, "L", 5, true);
  f.all.begin(1, 64);
  CHECK(f.serve(1) == "a");
  // The device is still busy for the other one.
  CHECK(!f.all.take(1));
  CHECK(f.all.end(1, 2).then == fate::kept);
  f.all.begin(1, 64);
  CHECK(f.serve(2) == "");
  REQUIRE(f.all.take(1));
  f.all.done(1, 1ms);
  f.all.end(1, 2);
  f.all.begin(1, 64);
  CHECK(f.all.resume(1)->name == "b");
}

TEST_CASE("a list begins although a job waits for one that rests") {
  device_fixture f;
  f.push_job({1}, "a", job_kind::prepares);
  f.push_job({1}, "b", job_kind::prepares);
  f.await_all();
  f.all.begin(1, 64);
  f.all.returned(1, 2);
  f.all.returned(1, 1);
  REQUIRE(f.all.resume(1)->name == "a");
  f.all.rest(1, 1ms);
  std::ignore = f.push({2}, "L", 5, true);
  CHECK(f.all.end(1, 2).then == fate::kept);
  std::string order;
  for (int i = 0; i < 4; ++i) {
    f.all.begin(1, 64);
    auto next = [&f] {
      auto what = f.all.resume(1);
      return what ? what : f.all.take(1);
    };
    while (auto what = next()) {
      order += what->name;
      f.all.done(1, 1ms);
    }
    f.all.end(1, 2);
  }
  CHECK(order.size() == 3);
  CHECK(f.all.load().lanes == 0);
}

TEST_CASE("a disk actor dies while its job has the last of many lanes") {
  scheduler_fixture f;
  std::ignore = f.push({1}, "a");
  f.all.begin(1, 64);
  REQUIRE(f.all.take(1));
  // So many that empty lanes are forgotten.
  for (uint64_t i = 2; i < 200; ++i)
    std::ignore = f.push({i}, "x");
  CHECK(f.all.replace(1, 3).lost.size() == 1);
  CHECK(f.all.load().lanes == 198);
}
