// Writers that give way to others, and take back what they gave.
#include "catch.hpp"

#include "answering_queue.hpp"
#include "writer_fixture.hpp"

#include <utility>

using namespace spindle;
using namespace spindle::test;
using namespace std::literals;

namespace {

profile considerate(double pct, std::optional<caf::timespan> goal) {
  return {.name = "considerate",
          .chunk_size = 1,
          .bandwidth_pct = pct,
          .latency_goal = goal};
}

/// A disk on which a write takes 10 ms.
struct considerate_fixture : writer_fixture {
  considerate_fixture() {
    faulty->plan().observe([this](fs::call_kind kind, const std::string&) {
      if (kind != fs::call_kind::write)
        return;
      w.pass_time(10ms);
      if (others_work)
        cafx::anon_mail(operation{file_exists{.path = "x"}},
                        local_callback{[](const outcome&) {}}, others)
          .send(queue->supervisor);
      // The disk actor has a thread: meanwhile, all others do what they can.
      w.run();
    });
  }

  writer_internal_actor spawn_writing(const profile& how) {
    return spawn({.path = "a", .data = text(100'000), .profile = how});
  }

  writer_status status_of(const writer_internal_actor& who) {
    return *w.ask(who, get_status{});
  }

  /// Lets time pass.
  /// @returns how many chunks the writer has written meanwhile.
  uint64_t chunks_in(caf::timespan time, const writer_internal_actor& who) {
    auto before = status_of(who).chunks;
    auto end = w.system().clock().now() + time;
    while (w.system().clock().now() < end)
      w.advance(1ms);
    return status_of(who).chunks - before;
  }

  in_lane others{{77}};
  /// Whether an operation comes during each write.
  bool others_work = false;
};

} // namespace

TEST_CASE("a writer slows down while others wait too long, and recovers") {
  considerate_fixture f;
  auto who = f.spawn_writing(considerate(50, 4ms));
  auto count = f.chunks_in(1s, who);
  CHECK(count >= 48);
  CHECK(count <= 52);
  CHECK(!f.status_of(who).duty_limit_pct);
  f.others_work = true;
  f.chunks_in(3s, who);
  auto limit = f.status_of(who).duty_limit_pct;
  REQUIRE(limit);
  CHECK(*limit >= 1);
  CHECK(*limit < 8);
  count = f.chunks_in(2s, who);
  CHECK(count >= 2);
  CHECK(count <= 16);
  f.others_work = false;
  f.chunks_in(13s, who);
  CHECK(!f.status_of(who).duty_limit_pct);
  count = f.chunks_in(1s, who);
  CHECK(count >= 48);
  CHECK(count <= 52);
  f.w.kill(who);
}

TEST_CASE("a writer does not slow down if its goal is met, or it has none") {
  auto goal = GENERATE(std::optional<caf::timespan>{},
                       std::optional{caf::timespan{20ms}});
  considerate_fixture f;
  auto who = f.spawn_writing(considerate(50, goal));
  f.others_work = true;
  f.chunks_in(2s, who);
  CHECK(!f.status_of(who).duty_limit_pct);
  auto count = f.chunks_in(1s, who);
  CHECK(count >= 48);
  CHECK(count <= 52);
  f.w.kill(who);
}

TEST_CASE("a writer that gets another goal keeps to that of the new profile") {
  considerate_fixture f;
  auto who = f.spawn_writing(considerate(50, 4ms));
  f.others_work = true;
  f.chunks_in(3s, who);
  CHECK(f.status_of(who).duty_limit_pct);
  REQUIRE(f.w.ask(who, set_profile{considerate(50, {})}));
  CHECK(!f.status_of(who).duty_limit_pct);
  auto count = f.chunks_in(1s, who);
  CHECK(count >= 47);
  // Others wait for longer than this goal since they began.
  REQUIRE(f.w.ask(who, set_profile{considerate(50, 5ms)}));
  f.chunks_in(100ms, who);
  CHECK(f.status_of(who).duty_limit_pct);
  f.w.kill(who);
}

TEST_CASE("a profile of the queue can get a goal while a writer uses it") {
  considerate_fixture f;
  REQUIRE(f.w.ask(f.queue->supervisor, set_profiles{{considerate(50, {})}}));
  auto who
    = f.spawn({.path = "a", .data = text(100'000), .profile = "considerate"});
  f.others_work = true;
  f.chunks_in(1s, who);
  CHECK(!f.status_of(who).duty_limit_pct);
  REQUIRE(f.w.ask(f.queue->supervisor, set_profiles{{considerate(50, 4ms)}}));
  f.chunks_in(1s, who);
  CHECK(f.status_of(who).duty_limit_pct);
  f.w.kill(who);
}

TEST_CASE("the goal of a max_profile holds for the writers of a client") {
  considerate_fixture f;
  auto who = f.spawn_writing(considerate(50, {}));
  f.others_work = true;
  f.chunks_in(1s, who);
  CHECK(!f.status_of(who).duty_limit_pct);
  REQUIRE(f.w.ask(who, terms_changed{considerate(50, 4ms)}));
  f.chunks_in(1s, who);
  CHECK(f.status_of(who).duty_limit_pct);
  auto refused = f.w.ask(who, set_profile{considerate(50, 5ms)});
  REQUIRE(!refused);
  CHECK(f.code(refused.error()) == "limit_exceeded");
  f.w.kill(who);
}

TEST_CASE("each step tells the goal, and each response the share") {
  test::world w;
  answering_queue queue{w.system()};
  auto who = spawn_writer(
    w.system(), caf::actor_cast<supervisor_internal_actor>(queue.actor),
    {.path = "a", .data = text(9), .profile = considerate(50, 4ms)});
  w.run();
  REQUIRE(queue.steps.size() == 1);
  CHECK(queue.steps[0].first.latency_goal == 4ms);
  w.pass_time(10ms);
  queue.answer(0, 1, 0.1);
  w.run();
  CHECK(w.ask(who, get_status{})->duty_limit_pct == 5);
  // 10 ms of 200 ms are a twentieth.
  w.advance(189ms);
  CHECK(queue.steps.size() == 1);
  w.advance(1ms);
  REQUIRE(queue.steps.size() == 2);
  w.pass_time(10ms);
  queue.answer(1, 1);
  w.run();
  CHECK(!w.ask(who, get_status{})->duty_limit_pct);
  w.advance(10ms);
  CHECK(queue.steps.size() == 3);
  w.kill(who);
}
