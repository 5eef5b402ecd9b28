#include "catch.hpp"

#include "spindle/queue/share_controller.hpp"

#include <cmath>

using namespace spindle;
using namespace std::literals;

namespace {

using time_point = share_controller::time_point;
using nanoseconds = share_controller::duration;

/// A controller, and operations that wait.
struct controlled {
  /// In each of the next periods, an operation waits as long.
  void wait(nanoseconds waited, int periods = 1) {
    for (int i = 0; i < periods; ++i) {
      all.on_start(now, waited);
      now += share_controller::period;
    }
  }

  /// In none of the next periods, anybody waits.
  void rest(int periods) {
    now += periods * share_controller::period;
  }

  double share(nanoseconds goal = 4ms) {
    return all.share(goal, now);
  }

  share_controller all;
  time_point now = time_point{} + 1h;
};

bool is_near(double x, double y) {
  return std::abs(x - y) < 1e-9;
}

} // namespace

// -- down ---------------------------------------------------------------------

TEST_CASE("the share is whole as long as nobody waits too long") {
  controlled c;
  CHECK(c.share() == 1);
  c.wait(3900us, 100);
  CHECK(c.share() == 1);
  c.rest(1000);
  CHECK(c.share() == 1);
}

TEST_CASE("the share shrinks faster the longer the goal is exceeded") {
  controlled c;
  auto expected = 1.0;
  for (auto part : {1. / 16, 1. / 8, 1. / 4, 1. / 2, 1., 1., 1.}) {
    c.wait(10ms);
    expected *= std::pow(0.7, part);
    CHECK(is_near(c.share(), expected));
  }
}

TEST_CASE("the share is a hundredth at least, after less than two seconds") {
  controlled c;
  c.wait(1s, 15);
  CHECK(c.share() > share_controller::least);
  c.wait(1s);
  CHECK(c.share() == share_controller::least);
  c.wait(1s, 10'000);
  CHECK(c.share() == share_controller::least);
}

TEST_CASE("a single operation that waits too long costs little") {
  controlled c;
  c.wait(1s);
  CHECK(is_near(c.share(), std::pow(0.7, 1. / 16)));
  c.rest(8);
  CHECK(c.share() == 1);
}

TEST_CASE("one operation in a hundred may wait longer than the goal") {
  controlled c;
  for (int i = 0; i < 20; ++i) {
    for (int k = 0; k < 99; ++k)
      c.all.on_start(c.now, 1ms);
    c.wait(1s);
  }
  CHECK(c.share() == 1);
  c.all.on_start(c.now, 1s);
  for (int k = 0; k < 98; ++k)
    c.all.on_start(c.now, 1ms);
  c.wait(1s);
  CHECK(c.share() < 1);
}

// -- up -----------------------------------------------------------------------

TEST_CASE("the share grows faster the longer the goal is met") {
  controlled c;
  c.wait(1s, 30);
  auto expected = share_controller::least;
  for (auto part : {1. / 16, 1. / 8, 1. / 4, 1. / 2, 1., 1.})
    for (int i = 0; i < 8; ++i) {
      c.wait(1ms);
      expected *= std::pow(1.05, part);
      CHECK(is_near(c.share(), expected));
    }
}

TEST_CASE("the share is whole again after twelve seconds at most") {
  controlled c;
  c.wait(1s, 100);
  c.rest(118);
  CHECK(c.share() < 1);
  c.rest(1);
  CHECK(c.share() == 1);
}

TEST_CASE("it does not matter how often the share is asked for") {
  auto rest = GENERATE(1, 7, 31, 118, 119, 120, 121, 122, 100'000);
  CAPTURE(rest);
  controlled often, once;
  for (auto* c : {&often, &once})
    c->wait(1s, 100);
  for (int i = 0; i < rest; ++i) {
    often.rest(1);
    often.share();
  }
  once.rest(rest);
  CHECK(once.share() == often.share());
  for (auto* c : {&often, &once})
    c->wait(1s, 3);
  CHECK(once.share() == often.share());
}

TEST_CASE("a step begins small after each change of direction") {
  controlled c;
  c.wait(1s, 10);
  auto before = c.share();
  c.wait(1ms);
  c.wait(1s);
  CHECK(is_near(c.share(),
                before * std::pow(1.05, 1. / 16) * std::pow(0.7, 1. / 16)));
}

// -- goals --------------------------------------------------------------------

TEST_CASE("each goal has its own share") {
  controlled c;
  c.wait(6ms, 20);
  CHECK(c.share(1us) == share_controller::least);
  CHECK(c.share(4ms) == share_controller::least);
  CHECK(c.share(8ms) == 1);
  CHECK(c.share(1h) == 1);
  // The one with the stricter goal gives way first.
  c.wait(20ms, 4);
  CHECK(c.share(8ms) < 1);
  CHECK(c.share(8ms) > c.share(4ms));
}

TEST_CASE("waiting times are compared with a goal to an eighth") {
  controlled c;
  c.wait(4600us, 5);
  CHECK(c.share(4ms) < 1);
  CHECK(c.share(4600us) == 1);
  CHECK(c.share(5ms) == 1);
}
