#include "catch.hpp"
#include "fake_job.hpp"

#include "spindle/queue/lanes.hpp"

#include <map>
#include <random>
#include <string>

using namespace spindle;
using namespace std::literals;
using test::fake_job;
using test::fake_job_ptr;

namespace {

struct lanes_fixture {
  void push(lane_id id, std::string name, unsigned weight = 1) {
    all.push(id, weight, jobs.make(std::move(name)));
  }

  /// Executes the next job, and returns its name.
  std::string serve(std::chrono::nanoseconds time = 1ms) {
    auto [what, lane] = all.take();
    all.done(*lane, time);
    return what->name;
  }

  /// Executes all jobs, and returns their names.
  std::string serve_all(std::chrono::nanoseconds time = 1ms) {
    std::string res;
    while (all.ready())
      res += serve(time);
    return res;
  }

  /// Executes `count` jobs of clients that always have more. `cost` returns the
  /// time of a job of a client. Returns the total time for each client.
  std::map<uint64_t, double>
  compete(const std::map<uint64_t, unsigned>& weights,
          const std::function<std::chrono::nanoseconds(uint64_t)>& cost,
          int count) {
    std::map<uint64_t, double> served;
    for (auto [client, weight] : weights)
      push({client}, std::to_string(client), weight);
    for (int i = 0; i < count; ++i) {
      auto [what, lane] = all.take();
      auto client = lane->id.client;
      auto time = cost(client);
      served[client] += static_cast<double>(time.count());
      push({client}, what->name, weights.at(client));
      all.done(*lane, time);
    }
    return served;
  }

  test::fake_jobs jobs;
  lanes<fake_job_ptr> all;
};

} // namespace

TEST_CASE("a lane is served in the order of its requests") {
  lanes_fixture f;
  for (auto name : {"a", "b", "c"})
    f.push({1}, name);
  CHECK(f.serve_all() == "abc");
  CHECK(!f.all.ready());
  CHECK(f.all.size() == 0);
}

TEST_CASE("lanes are served alternately, however many jobs they have") {
  lanes_fixture f;
  for (auto name : {"a", "b", "c", "d"})
    f.push({1}, name);
  f.push({2}, "X");
  f.push({2}, "Y");
  CHECK(f.serve_all() == "aXbYcd");
}

TEST_CASE("only one job of a lane is executed at a time") {
  lanes_fixture f;
  f.push({1}, "a");
  f.push({1}, "b");
  auto [what, lane] = f.all.take();
  CHECK(what->name == "a");
  CHECK(!f.all.ready());
  f.push({2}, "X");
  CHECK(f.serve() == "X");
  CHECK(!f.all.ready());
  f.all.done(*lane, 1ms);
  CHECK(f.serve_all() == "b");
}

TEST_CASE("a job that rests continues before the next one of its lane") {
  lanes_fixture f;
  for (auto name : {"a", "b"})
    f.push({1}, name);
  f.push({2}, "X");
  f.push({2}, "Y");
  auto [what, lane] = f.all.take();
  f.all.put_back(*lane, what, 10ms);
  CHECK(f.serve_all() == "XYab");
}

TEST_CASE("clients get shares of the time by their weights") {
  lanes_fixture f;
  SECTION("equal clients with unequal jobs") {
    auto served = f.compete(
      {{1, 1}, {2, 1}, {3, 1}}, [](uint64_t who) { return who * 100us; }, 3000);
    for (auto who : {2u, 3u})
      CHECK(served[who] == Approx(served[1]).epsilon(0.01));
  }
  SECTION("weights of 1, 2 and 4") {
    auto served = f.compete(
      {{1, 1}, {2, 2}, {3, 4}}, [](uint64_t) { return 100us; }, 7000);
    CHECK(served[2] == Approx(2 * served[1]).epsilon(0.01));
    CHECK(served[3] == Approx(4 * served[1]).epsilon(0.01));
  }
  SECTION("jobs that take random time") {
    std::mt19937_64 random{7};
    auto served = f.compete(
      {{1, 1}, {2, 3}},
      [&](uint64_t) { return std::chrono::nanoseconds{random() % 1'000'000}; },
      20000);
    CHECK(served[2] == Approx(3 * served[1]).epsilon(0.01));
  }
}

TEST_CASE("the lanes of a client divide its share") {
  lanes_fixture f;
  for (int i = 0; i < 6; ++i) {
    f.push({1, 1}, "a");
    f.push({1, 2}, "b");
    f.push({2}, "X");
  }
  CHECK(f.serve_all() == "aXbXaXbXaXbXababab");
}

TEST_CASE("an idle lane gains no credit") {
  lanes_fixture f;
  for (int i = 0; i < 100; ++i)
    f.push({1}, "a");
  for (int i = 0; i < 50; ++i)
    f.serve();
  for (int i = 0; i < 4; ++i)
    f.push({2}, "X");
  std::string order;
  for (int i = 0; i < 8; ++i)
    order += f.serve();
  CHECK(order == "XaXaXaXa");
}

TEST_CASE(
  "while a lane waits, no other gets more than its share, plus one job") {
  lanes_fixture f;
  std::mt19937_64 random{3};
  auto clients = GENERATE(1u, 2u, 31u);
  for (uint64_t i = 1; i <= clients; ++i)
    for (int k = 0; k < 30'000; ++k)
      f.push({i}, "f");
  constexpr auto longest = 1000us;
  // The time of the last job of the lane; the others may catch up by that much.
  std::chrono::nanoseconds owed{0};
  for (int round = 0; round < 500; ++round) {
    f.push({99}, "me");
    std::map<uint64_t, std::chrono::nanoseconds> others;
    for (;;) {
      auto [what, lane] = f.all.take();
      std::chrono::microseconds time{random() % 1000};
      f.all.done(*lane, time);
      if (what->name == "me") {
        for (auto [client, other] : others)
          REQUIRE(other <= owed + longest);
        owed = time;
        break;
      }
      others[lane->id.client] += time;
    }
  }
}

TEST_CASE("removed jobs are not served") {
  lanes_fixture f;
  for (auto name : {"a", "b", "c"})
    f.push({1}, name);
  f.push({2}, "X");
  SECTION("one job") {
    auto never = [](const fake_job&) { return false; };
    auto always = [](const fake_job&) { return true; };
    CHECK(f.all.find(2, never)->name == "b");
    CHECK(f.all.find(2, always)->name == "b");
    CHECK(f.all.find(2, always) == nullptr);
    CHECK(f.all.find(4, always)->name == "X");
    CHECK(f.all.find(17, always) == nullptr);
    CHECK(f.serve_all() == "ac");
  }
  SECTION("jobs that match a predicate") {
    f.all.take_if([](const fake_job_ptr& x) { return x->name != "b"; });
    CHECK(f.serve_all() == "b");
  }
  SECTION("all jobs") {
    f.all.take_if([](const fake_job_ptr&) { return true; });
    CHECK(!f.all.ready());
    f.push({1}, "d");
    CHECK(f.serve_all() == "d");
  }
}

TEST_CASE("lanes without work are forgotten") {
  lanes_fixture f;
  f.push({1}, "stays");
  for (uint64_t i = 2; i < 100'000; ++i) {
    f.push({i, i}, "once");
    f.serve();
  }
  CHECK(f.all.size() <= 2);
  CHECK(f.all.known() < 300);
}

// -- jobs that await the device -----------------------------------------------

namespace {

/// Lanes whose jobs have a kind, which is the first letter of their names:
/// (r)eads, (p)repares, or (c)hanges.
struct awaiting_fixture : lanes_fixture {
  using taken = std::pair<fake_job_ptr, lanes<fake_job_ptr>::lane*>;

  void push_all(lane_id id, std::initializer_list<const char*> names) {
    for (std::string name : names) {
      auto what = jobs.make(name);
      what->kind = name.front() == 'r' ? job_kind::reads
                 : name.front() == 'p' ? job_kind::prepares
                                       : job_kind::changes;
      all.push(id, 1, std::move(what));
    }
  }

  /// Takes the next job, which then awaits the device.
  taken await_next() {
    auto [what, lane] = all.take();
    all.await_device(*lane, what, 1ms);
    return {what, lane};
  }

  /// Takes the next job, which then awaits that its effect is durable.
  taken settle_next() {
    auto [what, lane] = all.take();
    all.settle(*lane, 1ms);
    return {what, lane};
  }

  /// Continues a job, which is done then.
  void end(const taken& what) {
    REQUIRE(all.may_resume(*what.second, what.first));
    all.resume(*what.second, what.first, 1ms);
    all.done(*what.second, 1ms);
  }
};

} // namespace

TEST_CASE("jobs of a lane that read await the device together") {
  awaiting_fixture f;
  f.push_all({1}, {"r1", "r2", "r3", "c4"});
  auto first = f.await_next();
  auto second = f.await_next();
  auto third = f.await_next();
  CHECK(!f.all.ready());
  f.end(third);
  f.end(first);
  CHECK(!f.all.ready());
  f.end(second);
  CHECK(f.serve_all() == "c4");
}

TEST_CASE(
  "while a job of a lane is executed, no other one of it may be taken") {
  awaiting_fixture f;
  f.push_all({1}, {"r1", "r2"});
  auto [what, lane] = f.all.take();
  CHECK(!f.all.ready());
  f.all.await_device(*lane, what, 1ms);
  auto second = f.await_next();
  REQUIRE(f.all.may_resume(*lane, what));
  f.all.resume(*lane, what, 1ms);
  CHECK(!f.all.may_resume(*second.second, second.first));
  f.all.done(*lane, 1ms);
  f.end(second);
  CHECK(f.all.size() == 0);
}

TEST_CASE("no job of a lane overtakes one that changes something") {
  awaiting_fixture f;
  auto next = GENERATE("r2", "p2", "c2");
  f.push_all({1}, {"c1", next});
  f.push_all({2}, {"c3"});
  auto first = f.await_next();
  CHECK(f.serve_all() == "c3");
  f.end(first);
  CHECK(f.serve_all() == next);
}

TEST_CASE("jobs of a lane that prepare take effect in their order") {
  awaiting_fixture f;
  f.push_all({1}, {"p1", "p2", "r3"});
  auto first = f.await_next();
  auto second = f.await_next();
  CHECK(!f.all.ready());
  CHECK(!f.all.may_resume(*second.second, second.first));
  f.end(first);
  f.end(second);
  CHECK(f.serve_all() == "r3");
}

TEST_CASE("a job that prepares waits for one before it that rests") {
  awaiting_fixture f;
  f.push_all({1}, {"p1", "p2"});
  auto first = f.await_next();
  auto second = f.await_next();
  f.all.resume(*first.second, first.first, 1ms);
  f.all.put_back(*first.second, first.first, 1ms);
  CHECK(!f.all.may_resume(*second.second, second.first));
  CHECK(f.serve() == "p1");
  f.end(second);
}

TEST_CASE("a settled job does not hold up its lane") {
  awaiting_fixture f;
  f.push_all({1}, {"c1", "c2", "r3"});
  auto first = f.settle_next();
  auto second = f.settle_next();
  CHECK(f.serve_all() == "r3");
  CHECK(f.all.size() == 1);
  f.all.settled_done(*second.second, 1ms);
  f.all.settled_done(*first.second, 1ms);
  CHECK(f.all.size() == 0);
}

TEST_CASE("a job that is put back keeps its place before later ones") {
  awaiting_fixture f;
  f.push_all({1}, {"r1", "r2", "r3"});
  auto first = f.await_next();
  auto second = f.await_next();
  for (const auto& job : {second, first}) {
    f.all.resume(*job.second, job.first, 1ms);
    f.all.put_back(*job.second, job.first, 1ms);
  }
  CHECK(f.serve_all() == "r1r2r3");
}

TEST_CASE("the time of the device is charged to the lane") {
  awaiting_fixture f;
  f.push_all({1}, {"c1"});
  f.push_all({2}, {"c2", "c3", "c4"});
  auto first = f.settle_next();
  f.all.settled_done(*first.second, 10ms);
  f.push_all({1}, {"c5"});
  CHECK(f.serve_all(2ms) == "c2c3c4c5");
}

TEST_CASE("jobs prepare at the same time only in the same place") {
  awaiting_fixture f;
  f.push_all({1}, {"p1"});
  auto other = f.jobs.make("p2");
  other->kind = job_kind::prepares;
  other->place = 1;
  f.all.push({1}, 1, other);
  auto first = f.await_next();
  CHECK(!f.all.ready());
  f.end(first);
  CHECK(f.serve_all() == "p2");
}
