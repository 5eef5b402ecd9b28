// How a gateway refuses what is beyond a limit, in virtual time.
#include "catch.hpp"

#include "world.hpp"

#include "spindle/fs/memory/memory_vfs.hpp"
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

/// Sends a number of requests at once, and logs the responses.
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

/// A node in memory. Without other limits, it admits one request, and refuses
/// those that follow.
struct gateway_fixture {
  gateway_fixture() : gateway_fixture(slow()) {}

  explicit gateway_fixture(const node_limits& limits,
                           node_observer observer = nullptr) {
    settings bounds;
    bounds.disk = std::make_shared<fs::memory_vfs>();
    disk = test::spawn_bare_queue(w.system(), bounds);
    w.run();
    std::vector<served_volume> volumes{
      {{"data", false},
       queue{w.system(), {disk->supervisor, nullptr, nullptr}}}};
    gateway = w.system().spawn<cafx::actor_of<gateway_state>>(
      std::move(volumes), limits, std::move(observer));
  }

  static node_limits slow() {
    node_limits limits;
    limits.max_requests_per_second = 1e-6;
    return limits;
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

TEST_CASE("refusals are delayed, and sent one after the other") {
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
  // Those of later requests wait from then on.
  f.ask(1);
  f.w.advance(99ms);
  CHECK(f.refusals() == 3);
  f.w.advance(1ms);
  CHECK(f.refusals() == 4);
}

TEST_CASE("a thousand refusals wait, and more are sent at once") {
  gateway_fixture f;
  f.ask(1'101);
  CHECK(f.refusals() == 100);
  f.w.advance(100ms);
  CHECK(f.refusals() == 101);
  f.w.advance(999ms);
  CHECK(f.refusals() == 1'100);
}

TEST_CASE("a node sends all refusals when it closes") {
  gateway_fixture f;
  f.ask(11);
  CHECK(f.refusals() == 0);
  CHECK(f.w.ask(f.gateway, close_gateway{}));
  CHECK(f.refusals() == 10);
  // Later requests are refused at once.
  f.ask(1);
  CHECK(f.log.back() == errc::shut_down);
}

TEST_CASE("requests that are repeated count as others do") {
  auto ask = [](gateway_fixture& f, request_id id) {
    return f.w.self
      ->mail(id, operation{file_exists{.path = "data:x"}}, lane_number{})
      .request(f.gateway, cafx::infinite);
  };
  SECTION("while they are pending, as operations") {
    node_limits limits;
    limits.max_ops = 3;
    gateway_fixture f{limits};
    request_id id{f.w.ask(f.gateway, join{})->client, 1};
    auto first = ask(f, id);
    auto second = ask(f, id);
    auto third = ask(f, id);
    auto fourth = ask(f, id);
    f.w.run();
    f.w.advance(1s);
    CHECK(std::move(first).receive());
    CHECK(std::move(second).receive());
    CHECK(std::move(third).receive());
    CHECK(code_in(std::move(fourth).receive().error()) == errc::limit_exceeded);
    // They no longer count when they have their answers.
    for (uint64_t i = 2; i < 5; ++i) {
      auto one = ask(f, {id.client, i});
      auto other = ask(f, {id.client, i});
      f.w.run();
      CHECK(std::move(one).receive());
      CHECK(std::move(other).receive());
    }
  }
  SECTION("and later, as requests") {
    gateway_fixture f;
    request_id id{f.w.ask(f.gateway, join{})->client, 1};
    auto first = ask(f, id);
    f.w.run();
    CHECK(std::move(first).receive());
    auto again = ask(f, id);
    f.w.run();
    f.w.advance(1s);
    CHECK(code_in(std::move(again).receive().error()) == errc::limit_exceeded);
  }
}

TEST_CASE("all clients together have a limit of bytes") {
  node_limits limits;
  limits.max_total_bytes = 1000;
  gateway_fixture f{limits};
  auto ask = [&f](size_t size) {
    return f.w.self
      ->mail(
        file_write{.path = "data:x", .data = buffer{std::string(size, 'x')}})
      .request(f.gateway, cafx::infinite);
  };
  // The first two are under way together.
  auto first = ask(600);
  auto second = ask(600);
  f.w.run();
  f.w.advance(1s);
  CHECK(std::move(first).receive());
  auto why = failure_of(std::move(second).receive().error());
  REQUIRE(why);
  CHECK(why->code == errc::limit_exceeded);
  CHECK(why->detail == "max_total_bytes of all clients is 1000");
  auto third = ask(600);
  f.w.run();
  CHECK(std::move(third).receive());
}

TEST_CASE("the observer learns of a client that joins, and of no refusal") {
  std::vector<std::string> events;
  gateway_fixture f{
    {}, [&events](const node_event& x) { events.push_back(x.name); }};
  CHECK(f.w.ask(f.gateway, join{}));
  CHECK(events == std::vector<std::string>{"joined"});
}

TEST_CASE("a repetition is refused when its client is forgotten") {
  node_limits limits;
  limits.max_remembered_clients = 1;
  gateway_fixture f{limits};
  request_id id{f.w.ask(f.gateway, join{})->client, 1};
  auto one
    = f.w.self
        ->mail(id, operation{file_exists{.path = "data:x"}}, lane_number{})
        .request(f.gateway, cafx::infinite);
  auto other
    = f.w.self
        ->mail(id, operation{file_exists{.path = "data:x"}}, lane_number{})
        .request(f.gateway, cafx::infinite);
  auto joined = f.w.self->mail(join{}).request(f.gateway, cafx::infinite);
  f.w.run();
  CHECK(std::move(joined).receive());
  CHECK(std::move(one).receive());
  CHECK(code_in(std::move(other).receive().error()) == errc::request_expired);
}

TEST_CASE("the limits of the listener stay when others are applied") {
  node_limits limits;
  limits.max_message_bytes = 1000;
  gateway_fixture f{limits};
  limits.max_message_bytes = 2000;
  limits.max_ops = 1;
  CHECK(f.w.ask(f.gateway, apply_node_limits{limits}));
  CHECK(f.w.ask(f.gateway, join{})->max_message_bytes == 1000);
  auto two = oplist{}
               .add(file_exists{.path = "data:x"})
               .add(file_exists{.path = "data:x"});
  auto refused = f.w.self->mail(two).request(f.gateway, cafx::infinite);
  f.w.run();
  f.w.advance(1s);
  CHECK(code_in(std::move(refused).receive().error()) == errc::limit_exceeded);
}

TEST_CASE("the number of answers that a node remembers may change") {
  node_limits limits;
  limits.request_window = 1;
  gateway_fixture f{limits};
  auto client = f.w.ask(f.gateway, join{})->client;
  auto ask = [&](uint64_t sequence) {
    auto answered
      = f.w.ask(f.gateway, request_id{client, sequence},
                operation{file_exists{.path = "data:x"}}, lane_number{});
    return answered ? errc::none : code_in(answered.error());
  };
  auto remember = [&](size_t count) {
    limits.request_window = count;
    CHECK(f.w.ask(f.gateway, apply_node_limits{limits}));
  };
  CHECK(ask(1) == errc::none);
  CHECK(ask(2) == errc::none);
  CHECK(ask(1) == errc::request_expired);
  remember(2);
  CHECK(ask(3) == errc::none);
  CHECK(ask(2) == errc::none);
  remember(1);
  CHECK(ask(4) == errc::none);
  CHECK(ask(3) == errc::request_expired);
}
