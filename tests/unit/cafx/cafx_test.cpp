// Tests the actors of cafx on the version of CAF that this is compiled with.
#include "catch.hpp"
#include "cpu_time.hpp"
#include "patience.hpp"
#include "test_world.hpp"

#include "cafx/joined_behavior.hpp"
#include "cafx/unexpected.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <variant>
#include <vector>

using namespace std::literals;

// -- actors -------------------------------------------------------------------

namespace {

using namespace cafx_test;

struct test_actor_trait {
  using signatures = cafx::type_list<caf::result<int32_t>(std::string),
                                     caf::result<void>(int32_t)>;
};
using test_actor = cafx::typed_actor<test_actor_trait>;
using test_actor_self = cafx::self_ptr<test_actor>;

/// The handlers of a test_actor.
struct handlers {
  std::function<caf::result<int32_t>(test_actor_self, const std::string&)>
    on_text = [](test_actor_self, const std::string&) {
      return caf::result<int32_t>{0};
    };
  std::function<void(test_actor_self, int32_t)> on_number
    = [](test_actor_self, int32_t) {};
};

struct test_actor_state {
  test_actor_state(test_actor_self ptr, handlers what)
      : self(ptr), does(std::move(what)) {}

  test_actor::behavior_type make_behavior() {
    auto on_text
      = [this](const std::string& x) { return does.on_text(self, x); };
    auto on_number = [this](int32_t x) -> caf::result<void> {
      does.on_number(self, x);
      return caf::unit;
    };
    return cafx::joined_behavior<test_actor::behavior_type>(
      self, std::tuple{on_text}, std::tuple{on_number});
  }

  test_actor_self self;
  handlers does;
};

test_actor spawn(world& w, handlers what = {}) {
  return w.system().spawn<cafx::actor_of<test_actor_state>>(std::move(what));
}

/// Spawns an actor that responds with the length of a text, or with an error if
/// the text is empty.
test_actor spawn_counter(world& w) {
  return spawn(w, {.on_text = [](test_actor_self, const std::string& x) {
                 if (x.empty())
                   return caf::result<int32_t>{make_error(mistake::too_small)};
                 return caf::result<int32_t>{static_cast<int32_t>(x.size())};
               }});
}

/// Spawns an actor that appends numbers to `log`.
test_actor spawn_recorder(world& w, std::vector<int32_t>& log) {
  return spawn(
    w, {.on_number = [&log](test_actor_self, int32_t x) { log.push_back(x); }});
}

/// Spawns an actor that stores reply slots, for the test to respond.
test_actor spawn_slot_collector(world& w,
                                std::vector<cafx::reply_slot>& slots) {
  return spawn(w,
               {.on_text = [&slots](test_actor_self self, const std::string&) {
                 slots.emplace_back(self);
                 return cafx::answered_elsewhere<caf::result<int32_t>>();
               }});
}

using numbers = std::vector<int32_t>;

} // namespace

// -- sending ------------------------------------------------------------------

TEST_CASE("a request is answered with a value or with an error") {
  world w;
  auto counter = spawn_counter(w);
  CHECK(w.ask(counter, "four"s) == 4);
  auto res = w.ask(counter, ""s);
  REQUIRE(!res);
  CHECK(res.error() == mistake::too_small);
  CHECK(res.error() != mistake::too_large);
}

TEST_CASE("a response to an actor calls one of two functions") {
  world w;
  std::vector<std::string> log;
  auto ask = [&log](test_actor_self self, const test_actor& whom,
                    std::string what) {
    self->mail(std::move(what))
      .request(whom, 1s)
      .then([&log](int32_t x) { log.push_back(std::to_string(x)); },
            [&log](const caf::error& why) {
              log.push_back(why == mistake::too_small ? "too_small" : "other");
            });
  };
  auto counter = spawn_counter(w);
  auto asker
    = spawn(w, {.on_number = [=](test_actor_self self, int32_t n) {
              ask(self, counter, std::string(static_cast<size_t>(n), 'x'));
            }});
  cafx::anon_mail(int32_t{3}).send(asker);
  cafx::anon_mail(int32_t{0}).send(asker);
  w.run();
  CHECK(log == std::vector{"3"s, "too_small"s});
}

TEST_CASE("a request fails after its timeout") {
  world w;
  std::vector<cafx::reply_slot> slots;
  auto silent = spawn_slot_collector(w, slots);
  auto why = caf::error{};
  auto asker
    = spawn(w, {.on_number = [silent, &why](test_actor_self self, int32_t) {
              self->mail("?"s)
                .request(silent, 5s)
                .then([](int32_t) {}, [&why](const caf::error& x) { why = x; });
            }});
  cafx::anon_mail(int32_t{0}).send(asker);
  w.run();
  w.advance(4s);
  CHECK(!cafx::failed(why));
  w.advance(1s);
  CHECK(why == caf::sec::request_timeout);
}

TEST_CASE("the delegate responds to a delegated request") {
  world w;
  auto counter = spawn_counter(w);
  auto front = spawn(
    w, {.on_text = [counter](test_actor_self self, const std::string& x) {
      return caf::result<int32_t>{self->mail(x).delegate(counter)};
    }});
  CHECK(w.ask(front, "four"s) == 4);
  CHECK(!w.ask(front, ""s));
}

TEST_CASE("an urgent message overtakes normal ones") {
  world w;
  numbers log;
  auto recorder = spawn_recorder(w, log);
  w.run();
  for (int32_t x : {1, 2})
    cafx::anon_mail(x).send(recorder);
  cafx::anon_mail(int32_t{3}).urgent().send(recorder);
  w.run();
  CHECK(log == numbers{3, 1, 2});
}

TEST_CASE("a delayed message arrives at its time, in virtual time") {
  world w;
  numbers log;
  auto later = spawn(w, {.on_number = [&log](test_actor_self self, int32_t x) {
                       log.push_back(x);
                       if (x > 0)
                         self->mail(x - 1).delay(10ms).send(self);
                     }});
  cafx::anon_mail(int32_t{2}).send(later);
  w.run();
  CHECK(log == numbers{2});
  w.advance(9ms);
  CHECK(log == numbers{2});
  w.pass_time(1ms);
  CHECK(log == numbers{2});
  w.run();
  CHECK(log == numbers{2, 1});
  w.advance(10ms);
  CHECK(log == numbers{2, 1, 0});
}

// -- promises and slots -------------------------------------------------------

TEST_CASE("a promise is delivered once, by any of its copies") {
  world w;
  std::vector<cafx::typed_response_promise<int32_t>> promises;
  auto promiser = spawn(
    w, {.on_text = [&promises](test_actor_self self, const std::string&) {
      promises.emplace_back(self);
      return caf::result<int32_t>{promises.back()};
    }});
  auto answer = w.self->mail("?"s).request(promiser, cafx::infinite);
  w.run();
  REQUIRE(promises.size() == 1);
  auto copy = promises.front();
  CHECK(copy.pending());
  SECTION("with a value") {
    copy.deliver(int32_t{1});
    CHECK(!promises.front().pending());
    promises.front().deliver(int32_t{2});
    w.run();
    CHECK(std::move(answer).receive() == 1);
  }
  SECTION("with an error") {
    copy.deliver(make_error(mistake::too_large));
    w.run();
    CHECK(std::move(answer).receive().error() == mistake::too_large);
  }
  SECTION("as broken, when the last copy is destroyed") {
    promises.clear();
    w.run();
    copy = {};
    w.run();
    CHECK(!std::move(answer).receive());
  }
  CHECK(!cafx::typed_response_promise<int32_t>{}.pending());
}

TEST_CASE("a reply slot responds once, from any actor or from none") {
  world w;
  std::vector<cafx::reply_slot> slots;
  auto front = spawn_slot_collector(w, slots);
  auto back = spawn(w, {.on_number = [&slots](test_actor_self self, int32_t x) {
                      slots.front().deliver(self, caf::make_message(x));
                    }});
  auto answer = w.self->mail("?"s).request(front, cafx::infinite);
  w.run();
  REQUIRE(slots.size() == 1);
  CHECK(slots.front());
  SECTION("from another actor") {
    cafx::anon_mail(int32_t{1}).send(back);
    cafx::anon_mail(int32_t{2}).send(back);
    w.run();
    CHECK(std::move(answer).receive() == 1);
  }
  SECTION("from another actor, in order") {
    auto patient
      = spawn(w, {.on_number = [&slots](test_actor_self self, int32_t x) {
                slots.front().deliver_in_turn(self, caf::make_message(x));
              }});
    cafx::anon_mail(int32_t{1}).send(patient);
    cafx::anon_mail(int32_t{2}).send(patient);
    w.run();
    CHECK(std::move(answer).receive() == 1);
  }
  SECTION("from no actor") {
    slots.front().deliver_anonymously(caf::make_message(int32_t{1}));
    slots.front().deliver_anonymously(caf::make_message(int32_t{2}));
    w.run();
    CHECK(std::move(answer).receive() == 1);
  }
  SECTION("with an error") {
    auto why = make_error(mistake::too_large);
    slots.front().deliver_anonymously(caf::make_message(std::move(why)));
    w.run();
    CHECK(std::move(answer).receive().error() == mistake::too_large);
  }
  SECTION("after a move") {
    auto other = std::move(slots.front());
    // NOLINTNEXTLINE(bugprone-use-after-move): that is what is tested
    CHECK(!slots.front());
    CHECK(other);
    slots.front() = std::move(other);
    cafx::anon_mail(int32_t{1}).send(back);
    w.run();
    CHECK(std::move(answer).receive() == 1);
  }
  CHECK(!slots.front());
}

TEST_CASE("a response to a terminated actor is dropped") {
  world w;
  std::vector<cafx::reply_slot> slots;
  auto front = spawn_slot_collector(w, slots);
  auto asked = 0;
  auto asker
    = spawn(w, {.on_number = [front, &asked](test_actor_self self, int32_t) {
              self->mail("?"s).request(front, 5s).then(
                [&asked](int32_t) { ++asked; },
                [&asked](const caf::error&) { ++asked; });
            }});
  cafx::anon_mail(int32_t{0}).send(asker);
  w.run();
  w.kill(asker);
  REQUIRE(slots.size() == 1);
  CHECK(slots.front());
  slots.front().deliver_anonymously(caf::make_message(int32_t{1}));
  w.run();
  CHECK(asked == 0);
  CHECK(world::terminated(asker));
}

TEST_CASE("the slot of an asynchronous message responds to its sender") {
  world w;
  numbers log;
  std::vector<cafx::reply_slot> slots;
  auto front = spawn_slot_collector(w, slots);
  auto sender = spawn(
    w, {.on_text =
          [front](test_actor_self self, const std::string& x) {
            self->mail(x).send(front);
            return caf::result<int32_t>{0};
          },
        .on_number = [&log](test_actor_self, int32_t x) { log.push_back(x); }});
  cafx::anon_mail("?"s).send(sender);
  cafx::anon_mail("?"s).send(front);
  w.run();
  REQUIRE(slots.size() == 2);
  auto by_sender = std::find_if(slots.begin(), slots.end(),
                                [](auto& x) { return static_cast<bool>(x); });
  REQUIRE(by_sender != slots.end());
  by_sender->deliver_anonymously(caf::make_message(int32_t{7}));
  CHECK(!slots.front());
  CHECK(!slots.back());
  w.run();
  CHECK(log == numbers{7});
}

namespace {

using length = caf::result<int32_t>;

struct strange_trait {
  using signatures = cafx::type_list<caf::result<void>(uint64_t)>;
};

/// Sends a text to `whom`, not as a request.
/// @returns the numbers that the sender got, and 0 if it lives on.
numbers tell(world& w, const test_actor& whom) {
  numbers log;
  auto sender = spawn(
    w, {.on_text =
          [whom](test_actor_self self, const std::string& x) {
            self->mail(x).send(whom);
            return length{0};
          },
        .on_number = [&log](test_actor_self, int32_t x) { log.push_back(x); }});
  cafx::anon_mail("?"s).send(sender);
  w.run();
  cafx::anon_mail(int32_t{0}).send(sender);
  w.run();
  w.kill(sender);
  return log;
}

} // namespace

TEST_CASE("an error goes to who requested, and to nobody else") {
  world w;
  auto why = make_error(mistake::too_small);
  std::function<length(test_actor_self)> respond;
  SECTION("if a handler returns it") {
    respond = [&](test_actor_self) { return length{why}; };
  }
  SECTION("if a promise delivers it") {
    respond = [&](test_actor_self self) -> length {
      cafx::typed_response_promise<int32_t> res{self};
      res.deliver(why);
      return res;
    };
  }
  SECTION("if a promise is dropped") {
    respond = [](test_actor_self self) -> length {
      return cafx::typed_response_promise<int32_t>{self};
    };
  }
  SECTION("if a slot delivers it") {
    respond = [&](test_actor_self self) {
      cafx::reply_slot{self}.deliver(self, caf::make_message(why));
      return cafx::answered_elsewhere<length>();
    };
  }
  SECTION("if a slot delivers it, in order") {
    respond = [&](test_actor_self self) {
      cafx::reply_slot{self}.deliver_in_turn(self, caf::make_message(why));
      return cafx::answered_elsewhere<length>();
    };
  }
  SECTION("if a slot delivers it, from no actor") {
    respond = [&](test_actor_self self) {
      cafx::reply_slot{self}.deliver_anonymously(caf::make_message(why));
      return cafx::answered_elsewhere<length>();
    };
  }
  auto failing
    = spawn(w, {.on_text = [&](test_actor_self self, const std::string&) {
              return respond(self);
            }});
  CHECK(tell(w, failing) == numbers{0});
  CHECK(!w.ask(failing, "?"s));
}

TEST_CASE("a value goes to the sender of any message") {
  world w;
  std::function<length(test_actor_self)> respond;
  SECTION("if a handler returns it") {
    respond = [](test_actor_self) { return length{7}; };
  }
  SECTION("if a promise delivers it") {
    respond = [](test_actor_self self) -> length {
      cafx::typed_response_promise<int32_t> res{self};
      res.deliver(7);
      return res;
    };
  }
  auto willing
    = spawn(w, {.on_text = [&](test_actor_self self, const std::string&) {
              return respond(self);
            }});
  CHECK(tell(w, willing) == numbers{7, 0});
  CHECK(w.ask(willing, "?"s) == 7);
}

TEST_CASE("a message that is not expected is an error only if requested") {
  world w;
  auto dropped = 0;
  auto strict = spawn(w, {.on_number = [&](test_actor_self self, int32_t) {
                        cafx::drop_unexpected(self, [&] { ++dropped; });
                      }});
  cafx::anon_mail(int32_t{0}).send(strict);
  w.run();
  // No test_actor has a handler for this.
  auto strange = caf::actor_cast<cafx::typed_actor<strange_trait>>(
    caf::actor_cast<caf::strong_actor_ptr>(strict));
  numbers log;
  auto sender = spawn(w, {.on_number = [&](test_actor_self self, int32_t x) {
                        log.push_back(x);
                        if (x == 1)
                          self->mail(uint64_t{5}).send(strange);
                      }});
  cafx::anon_mail(int32_t{1}).send(sender);
  w.run();
  CHECK(dropped == 1);
  cafx::anon_mail(int32_t{2}).send(sender);
  w.run();
  CHECK(log == numbers{1, 2});
  CHECK(!w.ask(strange, uint64_t{5}));
}

// -- termination of actors ----------------------------------------------------

TEST_CASE("a monitor is called once, for the right actor, with the reason") {
  world w;
  std::map<int, caf::error> down;
  auto first = spawn(w);
  auto second = spawn(w);
  auto watcher = spawn(w, {.on_number = [&](test_actor_self self, int32_t) {
                         self->monitor(first, [&down](const caf::error& why) {
                           down.emplace(1, why);
                         });
                         self->monitor(second, [&down](const caf::error& why) {
                           down.emplace(2, why);
                         });
                       }});
  cafx::anon_mail(int32_t{0}).send(watcher);
  SECTION("when the actor terminates") {
    w.run();
    w.kill(second);
    REQUIRE(down.size() == 1);
    CHECK(down[2] == caf::exit_reason::kill);
    w.kill(first);
    CHECK(down.size() == 2);
  }
  SECTION("also if the actor had terminated before") {
    w.kill(first);
    CHECK(down.size() == 1);
    CHECK(down.contains(1));
  }
}

TEST_CASE("each of several monitors for one actor is called") {
  world w;
  std::vector<int> told;
  auto other = spawn(w);
  auto watcher = spawn(
    w, {.on_number = [&](test_actor_self self, int32_t i) {
      self->monitor(other, [&, i](const caf::error&) { told.push_back(i); });
    }});
  for (int32_t i = 0; i < 3; ++i)
    cafx::anon_mail(i).send(watcher);
  w.run();
  w.kill(other);
  std::sort(told.begin(), told.end());
  CHECK(told == std::vector{0, 1, 2});
}

TEST_CASE("monitoring many actors takes linear time") {
  world w;
  auto time_of = [&](size_t count) {
    size_t told = 0;
    std::vector<decltype(spawn(w))> all;
    for (size_t i = 0; i < count; ++i)
      all.push_back(spawn(w));
    auto watcher
      = spawn(w, {.on_number = [&](test_actor_self self, int32_t) {
                for (const auto& one : all)
                  self->monitor(one, [&](const caf::error&) { ++told; });
              }});
    cafx::anon_mail(int32_t{0}).send(watcher);
    w.run();
    // In reverse order, the worst case for a linear search.
    for (auto one = all.rbegin(); one != all.rend(); ++one)
      caf::anon_send_exit(*one, caf::exit_reason::kill);
    auto begin = kit::cpu_time();
    w.run();
    auto res = kit::cpu_time() - begin;
    CHECK(told == count);
    w.kill(watcher);
    return res;
  };
  // A factor of 10 is linear, 100 is quadratic. Three attempts, because other
  // processes may use the caches.
  auto linear = [&] { return time_of(20'000) < 40 * time_of(2'000); };
  CHECK((linear() || linear() || linear()));
}

TEST_CASE("an actor that handles exit messages outlives a linked actor") {
  world w;
  auto reason = caf::error{};
  auto other = spawn(w);
  auto linked = spawn(w, {.on_number = [&](test_actor_self self, int32_t) {
                        cafx::on_exit_msg(
                          self, [&](caf::exit_msg& x) { reason = x.reason; });
                        self->link_to(other);
                      }});
  cafx::anon_mail(int32_t{0}).send(linked);
  w.run();
  caf::anon_send_exit(other, caf::exit_reason::user_shutdown);
  w.run();
  CHECK(world::terminated(other));
  CHECK(!world::terminated(linked));
  CHECK(reason == caf::exit_reason::user_shutdown);
}

// -- the test world -----------------------------------------------------------

TEST_CASE("a step processes one message of an actor that the test chooses") {
  world w;
  numbers log;
  std::vector<test_actor> all;
  for (int32_t i = 0; i < 3; ++i)
    all.push_back(spawn(w, {.on_number = [&log, i](test_actor_self, int32_t x) {
                          log.push_back(10 * i + x);
                        }}));
  w.run();
  CHECK(!w.step());
  for (auto& who : all)
    cafx::anon_mail(int32_t{1}).send(who);
  cafx::anon_mail(int32_t{2}).send(all[0]);
  CHECK(log.empty());
  auto runnable = std::vector<size_t>{};
  CHECK(w.step([&](size_t n) {
    runnable.push_back(n);
    return n - 1;
  }));
  CHECK(runnable == std::vector<size_t>{3});
  CHECK(log == numbers{21});
  CHECK(w.run() > 0);
  CHECK(w.run() == 0);
  std::sort(log.begin(), log.end());
  CHECK(log == numbers{1, 2, 11, 21});
}

TEST_CASE("a step of one actor leaves the messages of others alone") {
  world w;
  numbers log;
  auto note = [&log](test_actor_self, int32_t x) { log.push_back(x); };
  auto first = spawn(w, {.on_number = note});
  auto second = spawn(w, {.on_number = note});
  w.run();
  CHECK(!w.step_of(second));
  for (int32_t i = 0; i < 3; ++i) {
    cafx::anon_mail(i).send(first);
    cafx::anon_mail(10 + i).send(second);
  }
  CHECK(w.step_of(second));
  CHECK(log == numbers{10});
  while (w.step_of(second))
    ;
  CHECK(log == numbers{10, 11, 12});
  w.run();
  CHECK(log == numbers{10, 11, 12, 0, 1, 2});
  CHECK(!w.step_of(first));
}

TEST_CASE("actors that never become idle are detected") {
  world w;
  auto busy = spawn(w, {.on_number = [](test_actor_self self, int32_t x) {
                      self->mail(x).send(self);
                    }});
  cafx::anon_mail(int32_t{0}).send(busy);
  CHECK_THROWS(w.run());
  w.kill(busy);
  CHECK(world::terminated(busy));
}

TEST_CASE("a request to a killed actor fails") {
  world w;
  auto counter = spawn_counter(w);
  w.run();
  CHECK(!world::terminated(counter));
  w.kill(counter);
  CHECK(world::terminated(counter));
  auto res = w.ask(counter, "four"s);
  REQUIRE(!res);
  CHECK(res.error() == caf::sec::request_receiver_down);
}

TEST_CASE("a scoped actor sends requests to actors in threads") {
  config cfg;
  caf::actor_system sys{cfg};
  handlers what{.on_text = [](test_actor_self self, const std::string& x) {
    if (x.empty())
      self->quit(make_error(mistake::too_small));
    return caf::result<int32_t>{static_cast<int32_t>(x.size())};
  }};
  auto worker = sys.spawn<cafx::actor_of<test_actor_state>, caf::detached>(
    std::move(what));
  cafx::scoped_actor self{sys};
  self->monitor(worker);
  CHECK(self->mail("four"s).request(worker, kit::patience).receive() == 4);
  cafx::anon_mail(""s).send(worker);
  auto reason = caf::error{};
  self->receive([&reason](const caf::down_msg& x) { reason = x.reason; });
  CHECK(reason == mistake::too_small);
}
