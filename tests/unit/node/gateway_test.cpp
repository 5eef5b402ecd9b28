// How a gateway refuses what is beyond a limit, in virtual time.
#include "catch.hpp"

#include "world.hpp"

#include "spindle/fs/memory_vfs.hpp"
#include "spindle/node/gateway.hpp"

#include <algorithm>
#include <memory>
#include <vector>

using namespace spindle;
using namespace std::literals;

namespace {

errc code_in(const caf::error& x) {
  auto why = failure_of(x);
  return why ? why->code : errc::none;
}

/// Asks as often as told, all at once, and logs the answers as they come.
struct asker_state {
  asker_state(cafx::self_ptr<callback> selfptr, gateway_actor whom,
              size_t number, std::vector<errc>* answers)
      : self(selfptr), gateway(std::move(whom)), count(number), log(answers) {}

  callback::behavior_type make_behavior() {
    for (size_t i = 0; i < count; ++i)
      self->mail(file_exists{.path = "data:x"})
        .request(gateway, cafx::infinite)
        .then([this](bool) { log->push_back(errc::none); },
              [this](const caf::error& why) { log->push_back(code_in(why)); });
    return {[](const outcome&) -> caf::result<void> { return caf::unit; }};
  }

  cafx::self_ptr<callback> self;
  gateway_actor gateway;
  size_t count;
  std::vector<errc>* log;
};

/// A node in memory that takes one request, and then none for a long time.
struct gateway_fixture {
  gateway_fixture() {
    settings bounds;
    bounds.disk = std::make_shared<fs::memory_vfs>();
    disk = test::spawn_bare_queue(w.system(), bounds);
    w.run();
    node_limits limits;
    limits.max_requests_per_second = 1e-6;
    std::vector<served_volume> volumes{
      {{"data", false},
       queue{w.system(), {disk->supervisor, nullptr, nullptr}}}};
    gateway = w.system().spawn<cafx::actor_of<gateway_state>>(
      std::move(volumes), limits, nullptr);
  }

  ~gateway_fixture() {
    w.kill(gateway);
    w.kill(disk->supervisor);
  }

  void ask(size_t count) {
    w.system().spawn<cafx::actor_of<asker_state>>(gateway, count, &log);
    w.run();
  }

  auto refusals() const {
    return std::count(log.begin(), log.end(), errc::limit_exceeded);
  }

  test::world w;
  std::shared_ptr<test::bare_queue> disk;
  gateway_actor gateway;
  std::vector<errc> log;
};

} // namespace

TEST_CASE("refusals come late, and one after the other") {
  gateway_fixture f;
  f.ask(4);
  CHECK(f.log == std::vector{errc::none});
  f.w.advance(99ms);
  CHECK(f.refusals() == 0);
  f.w.advance(1ms);
  CHECK(f.refusals() == 1);
  f.w.advance(1ms);
  CHECK(f.refusals() == 2);
  f.w.advance(1ms);
  CHECK(f.refusals() == 3);
  // Later ones wait from then on.
  f.ask(1);
  f.w.advance(99ms);
  CHECK(f.refusals() == 3);
  f.w.advance(1ms);
  CHECK(f.refusals() == 4);
}

TEST_CASE("a thousand refusals wait, and more come at once") {
  gateway_fixture f;
  f.ask(1'101);
  CHECK(f.refusals() == 100);
  f.w.advance(100ms);
  CHECK(f.refusals() == 101);
  f.w.advance(999ms);
  CHECK(f.refusals() == 1'100);
}

TEST_CASE("refusals do not outlast a node") {
  gateway_fixture f;
  f.ask(11);
  CHECK(f.refusals() == 0);
  CHECK(f.w.ask(f.gateway, close_gateway{}));
  CHECK(f.refusals() == 10);
  // Who asks later is told why, and at once.
  f.ask(1);
  CHECK(f.log.back() == errc::shut_down);
}
