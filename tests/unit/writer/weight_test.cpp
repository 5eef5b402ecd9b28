// The lanes and the weights of writers.
#include "catch.hpp"

#include "answering_queue.hpp"
#include "writer_fixture.hpp"

#include <algorithm>
#include <string>
#include <utility>

using namespace spindle;
using namespace spindle::test;
using namespace std::literals;

namespace {

profile with_weight(uint64_t chunk, uint32_t weight) {
  auto res = full_speed(chunk);
  res.weight = weight;
  return res;
}

writer_internal_actor spawn(test::world& w, const answering_queue& queue,
                            writer_terms terms) {
  return spawn_writer(
    w.system(), caf::actor_cast<supervisor_internal_actor>(queue.actor),
    {.path = "a", .data = text(4), .profile = with_weight(1, 3)},
    std::move(terms));
}

/// A queue with a lane. Each write takes as long as a turn may.
struct lane_fixture : writer_fixture {
  explicit lane_fixture(const settings& bounds = {}) : writer_fixture(bounds) {
    faulty->plan().observe([this](fs::call_kind kind, const std::string& path) {
      if (kind != fs::call_kind::write)
        return;
      order += path;
      w.pass_time(settings{}.turn_quantum);
      // The disk actor has a thread: meanwhile, all others do what they can.
      w.run();
    });
  }

  /// Has a file written in the lane.
  void submit(const std::string& path) {
    cafx::anon_mail(operation{file_write{.path = path, .data = text(1)}},
                    local_callback{[](const outcome&) {}}, where)
      .send(queue->supervisor);
  }

  /// Spawns a writer that starts after the lane.
  writer_internal_actor spawn_behind(const std::string& path) {
    return spawn_writer(w.system(), queue->supervisor,
                        {.path = path, .data = text(1)}, {.after = where});
  }

  in_lane where{{5, 6}};
  /// The paths of the writes.
  std::string order;
};

} // namespace

// -- where the steps go -------------------------------------------------------

TEST_CASE("the steps of a writer have the weight of its profile") {
  test::world w;
  answering_queue queue{w.system()};
  auto who = spawn(w, queue, {});
  w.run();
  REQUIRE(queue.steps.size() == 2);
  for (const auto& [step, response] : queue.steps) {
    CHECK(step.where.id == lane_id{who.id()});
    CHECK(step.where.weight == 3);
  }
  REQUIRE(w.ask(who, set_profile{with_weight(1, 7)}));
  queue.answer(0, 1);
  w.run();
  REQUIRE(queue.steps.size() == 3);
  CHECK(queue.steps[2].first.where.id == lane_id{who.id()});
  CHECK(queue.steps[2].first.where.weight == 7);
  // So has the step that cleans up.
  w.kill(who);
  REQUIRE(queue.steps.size() == 4);
  CHECK(queue.steps[3].first.kind == step_kind::abandon);
  CHECK(queue.steps[3].first.where.weight == 7);
}

TEST_CASE("the steps of a writer go into the lane of its terms") {
  test::world w;
  answering_queue queue{w.system()};
  auto who = spawn(w, queue, {.lane = in_lane{{5, 6}, 9}});
  w.run();
  REQUIRE(w.ask(who, set_profile{with_weight(1, 7)}));
  queue.answer(0, 1);
  w.run();
  REQUIRE(queue.steps.size() == 3);
  for (const auto& [step, response] : queue.steps) {
    CHECK(step.where.id == lane_id{5, 6});
    CHECK(step.where.weight == 9);
  }
  w.kill(who);
}

TEST_CASE("the steps of a writer have the weight of its lane at the time") {
  test::world w;
  answering_queue queue{w.system()};
  auto who = spawn(w, queue, {.lane = in_lane{{5, 6}, 9}});
  w.run();
  REQUIRE(queue.steps.size() == 2);
  REQUIRE(w.ask(who, terms_changed{.max_profile = {}, .weight = 4}));
  queue.answer(0, 1);
  w.run();
  REQUIRE(queue.steps.size() == 3);
  CHECK(queue.steps[1].first.where.weight == 9);
  CHECK(queue.steps[2].first.where.weight == 4);
  CHECK(queue.steps[2].first.where.id == lane_id{5, 6});
  w.kill(who);
}

// -- sharing the disk ---------------------------------------------------------

TEST_CASE("writers share a busy disk by their weights") {
  auto [weight, least, most]
    = GENERATE(Catch::Generators::table<uint32_t, size_t, size_t>(
      {{1, 46, 48}, {3, 14, 18}, {6, 6, 10}}));
  CAPTURE(weight);
  writer_fixture f;
  // The paths of the writes, each of 1 MiB and as long as a turn may be.
  std::string order;
  f.faulty->plan().observe([&](fs::call_kind kind, const std::string& path) {
    if (kind != fs::call_kind::write)
      return;
    order += path;
    f.w.pass_time(settings{}.turn_quantum);
    // The disk actor has a thread: meanwhile, all others do what they can.
    f.w.run();
  });
  constexpr size_t mib = size_t{1} << 20;
  auto data = text(48 * mib);
  f.spawn({.path = "l", .data = data, .profile = with_weight(4 * mib, 1)});
  f.spawn({.path = "h", .data = data, .profile = with_weight(4 * mib, weight)});
  f.w.run();
  CHECK(std::count(order.begin(), order.end(), 'l') == 48);
  CHECK(std::count(order.begin(), order.end(), 'h') == 48);
  CAPTURE(order);
  // What the light one got until the heavy one had all.
  auto end = order.begin() + static_cast<ptrdiff_t>(order.rfind('h'));
  auto light = static_cast<size_t>(std::count(order.begin(), end, 'l'));
  CHECK(light >= least);
  CHECK(light <= most);
}

// -- the lane of the client ---------------------------------------------------

TEST_CASE("a writer starts after the operations of the lane in its terms") {
  lane_fixture f;
  for (auto path : {"a", "b", "c"})
    f.submit(path);
  auto who = f.spawn_behind("d");
  f.w.run();
  CHECK(f.order == "abcd");
  CHECK(!f.last(who).error);
}

TEST_CASE("a writer waits for its lane also if the queue is full") {
  settings bounds;
  bounds.max_pending_ops = 1;
  lane_fixture f{bounds};
  f.submit("a");
  auto who = f.spawn_behind("b");
  f.w.run();
  CHECK(f.order == "ab");
  CHECK(!f.last(who).error);
}

TEST_CASE("a writer waits for its lane also if the queue shuts down") {
  lane_fixture f;
  for (auto path : {"a", "b", "c"})
    f.submit(path);
  f.spawn_behind("d");
  auto end = f.w.self->mail(shutdown{}).request(f.queue->supervisor, 1h);
  f.w.run();
  CHECK(f.order == "abcd");
  auto report = std::move(end).receive();
  REQUIRE(report);
  CHECK(report->undone.empty());
  CHECK(report->totals.writers_succeeded == 1);
  CHECK(report->totals.writers_failed == 0);
}
