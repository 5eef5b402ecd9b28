#include "catch.hpp"

#include "cafx/net/message_memory.hpp"

#include <deque>
#include <random>
#include <vector>

using cafx::net::message_memory;
using namespace std::chrono_literals;

namespace {

/// A receiver that the test controls.
class receiver final : public message_memory::receiver {
public:
  explicit receiver(message_memory& memory) : memory_(memory) {}

  bool claim(size_t bytes, message_memory::clock::time_point now = {}) {
    has_room = memory_.claim(*this, bytes, now);
    return has_room;
  }

  void on_room() override {
    has_room = true;
  }

  void on_stalled() override {
    stalled = true;
    has_room = false;
    memory_.release(*this, {});
  }

  uint64_t received() const override {
    return come;
  }

  bool has_room = false;
  bool stalled = false;
  uint64_t come = 0;

private:
  message_memory& memory_;
};

} // namespace

TEST_CASE("messages get memory in the order of their claims") {
  message_memory memory{100};
  receiver a{memory}, b{memory}, c{memory}, d{memory};
  CHECK(a.claim(60));
  CHECK(b.claim(40));
  CHECK(!c.claim(50));
  // A small message must not overtake a large one, which might starve.
  CHECK(!d.claim(1));
  CHECK(memory.taken() == 100);
  memory.release(b, {});
  CHECK(!c.has_room);
  CHECK(!d.has_room);
  memory.release(a, {});
  CHECK(c.has_room);
  CHECK(d.has_room);
  CHECK(memory.taken() == 51);
  memory.release(c, {});
  memory.release(d, {});
  CHECK(memory.taken() == 0);
}

TEST_CASE("a released claim lets the next one proceed") {
  message_memory memory{100};
  receiver a{memory}, b{memory}, c{memory};
  CHECK(a.claim(60));
  CHECK(!b.claim(90));
  CHECK(!c.claim(40));
  memory.release(b, {});
  CHECK(c.has_room);
  CHECK(!memory.somebody_waits());
}

TEST_CASE("a message larger than the memory waits until it is empty") {
  message_memory memory{100};
  receiver a{memory}, b{memory}, c{memory};
  CHECK(a.claim(10));
  CHECK(!b.claim(1000));
  memory.release(a, {});
  CHECK(b.has_room);
  CHECK(!c.claim(1));
  memory.release(b, {});
  CHECK(c.has_room);
}

TEST_CASE("a stalled message is ended, but only if another one waits") {
  message_memory memory{100};
  receiver a{memory}, b{memory}, c{memory};
  message_memory::clock::time_point now{};
  CHECK(a.claim(50, now));
  CHECK(b.claim(50, now));
  memory.check(now += 1h);
  CHECK(!a.stalled);
  CHECK(!c.claim(50, now));
  memory.check(now += 1s);
  CHECK(!a.stalled);
  // a makes enough progress, b does not.
  a.come += message_memory::min_progress;
  b.come += 100;
  memory.check(now += 1s);
  CHECK(!a.stalled);
  CHECK(b.stalled);
  CHECK(c.has_room);
  memory.check(now += 1h);
  CHECK(!a.stalled);
}

TEST_CASE("random claims never exceed the memory, and never all wait") {
  std::mt19937 rng{5};
  message_memory memory{1000};
  std::deque<receiver> all;
  for (int i = 0; i < 50; ++i)
    all.emplace_back(memory);
  std::vector<bool> busy(all.size());
  for (int step = 0; step < 20'000; ++step) {
    auto i = rng() % all.size();
    if (!busy[i]) {
      all[i].claim(1 + rng() % 700);
      busy[i] = true;
    } else if (all[i].has_room || rng() % 4 == 0) {
      memory.release(all[i], {});
      all[i].has_room = false;
      busy[i] = false;
    }
    REQUIRE(memory.taken() <= 1000);
    if (memory.somebody_waits())
      REQUIRE(memory.taken() > 0);
  }
}
