// The proxy of a writer when the writer has ended, in virtual time.
#include "catch.hpp"
#include "plain_sender.hpp"

#include "world.hpp"

#include "spindle/fs/memory/memory_vfs.hpp"
#include "spindle/node/remote_writer.hpp"
#include "spindle/writer/writer.hpp"

#include <memory>
#include <vector>

using namespace spindle;

namespace {

/// Sends messages to a writer that are no requests, and logs the progress that
/// it gets.
struct teller_state {
  teller_state(cafx::self_ptr<progress_receiver> selfptr, writer_actor whom,
               std::vector<writer_status>* heard)
      : self(selfptr), writer(std::move(whom)), log(heard) {}

  progress_receiver::behavior_type make_behavior() {
    self
      ->mail(subscribe_progress{caf::actor_cast<progress_receiver>(self),
                                std::chrono::seconds{1}})
      .send(writer);
    self->mail(resume_writing{}).send(writer);
    self->mail(finish_writing{}).send(writer);
    return {
      [this](const writer_status& x) -> caf::result<void> {
        log->push_back(x);
        return caf::unit;
      },
    };
  }

  cafx::self_ptr<progress_receiver> self;
  writer_actor writer;
  std::vector<writer_status>* log;
};

/// A writer that has ended, and a proxy of it that does not know yet.
struct proxy_fixture {
  proxy_fixture() {
    settings bounds;
    bounds.disk = std::make_shared<fs::memory_vfs>();
    queue = test::spawn_bare_queue(w.system(), bounds);
    w.run();
    writer = spawn_writer(w.system(), queue->supervisor,
                          {.path = "w", .data = buffer{"data"}});
    w.run();
    proxy = w.system().spawn<cafx::actor_of<remote_writer_state>>(
      "data:w", write_mode::truncate, queue->supervisor);
  }

  ~proxy_fixture() {
    w.kill(queue->supervisor);
  }

  test::world w;
  std::shared_ptr<test::bare_queue> queue;
  writer_internal_actor writer;
  remote_writer_actor proxy;
};

} // namespace

TEST_CASE("messages to a writer that has ended do not end their sender") {
  proxy_fixture f;
  std::vector<writer_status> heard;
  auto teller
    = f.w.system().spawn<cafx::actor_of<teller_state>>(f.proxy, &heard);
  f.w.run();
  cafx::anon_mail(writer_placed{f.writer}).send(f.proxy);
  f.w.run();
  // It gets the last status, although there is no writer to subscribe to.
  REQUIRE(heard.size() == 1);
  CHECK(heard[0].finished);
  CHECK(heard[0].written == 4);
  CHECK(!heard[0].error);
  cafx::anon_mail(writer_status{.path = "later"}).send(teller);
  f.w.run();
  REQUIRE(heard.size() == 2);
  CHECK(heard[1].path == "later");
  f.w.kill(teller);
}

TEST_CASE("what a proxy refuses does not end its sender, unless requested") {
  proxy_fixture f;
  auto sender
    = test::spawn_plain_sender(f.w.system(), [&](test::plain_sender_self self) {
        auto tell = [&](auto x) { self->mail(std::move(x)).send(f.proxy); };
        tell(append_data{buffer{"data"}});
        tell(set_profile{"none"});
        tell(await_writer{});
      });
  f.w.run();
  SECTION("because the writer is lost") {
    cafx::anon_mail(writer_unreachable{{.code = errc::node_lost}})
      .send(f.proxy);
  }
  SECTION("because the writer has ended") {
    cafx::anon_mail(writer_placed{f.writer}).send(f.proxy);
  }
  f.w.run();
  CHECK(f.w.terminated(f.proxy));
  CHECK(!f.w.terminated(sender));
  f.w.kill(sender);
}

TEST_CASE("a request to a writer that has ended gets a response") {
  proxy_fixture f;
  writer_actor writer = f.proxy;
  auto request = [&](auto what) {
    return f.w.self->mail(what).request(writer, cafx::infinite);
  };
  auto end = request(await_writer{});
  auto finish = request(finish_writing{});
  f.w.run();
  cafx::anon_mail(writer_placed{f.writer}).send(f.proxy);
  f.w.run();
  auto last = std::move(end).receive();
  REQUIRE(last);
  CHECK(last->written == 4);
  auto late = std::move(finish).receive();
  REQUIRE(!late);
  auto why = failure_of(late.error());
  REQUIRE(why);
  CHECK(why->code == errc::invalid_argument);
  CHECK(why->path == "data:w");
}

TEST_CASE("data that does not fit into a message is refused") {
  proxy_fixture f;
  auto real = spawn_writer(f.w.system(), f.queue->supervisor,
                           {.path = "big", .open_ended = true});
  auto proxy = f.w.system().spawn<cafx::actor_of<remote_writer_state>>(
    "data:big", write_mode::truncate, f.queue->supervisor);
  writer_actor writer = proxy;
  auto append = [&](size_t size) {
    return f.w.self->mail(append_data{buffer{std::string(size, 'x')}})
      .request(writer, cafx::infinite);
  };
  // Also what came before the writer was placed.
  auto early = append(10'000);
  f.w.run();
  cafx::anon_mail(writer_placed{real, 8192}).send(proxy);
  auto late = append(10'000);
  auto fits = append(4000);
  f.w.run();
  for (auto* one : {&early, &late}) {
    auto res = std::move(*one).receive();
    REQUIRE(!res);
    auto why = failure_of(res.error());
    REQUIRE(why);
    CHECK(why->code == errc::limit_exceeded);
    CHECK(why->path == "data:big");
  }
  CHECK(std::move(fits).receive());
  auto end = f.w.self->mail(finish_writing{}).request(writer, cafx::infinite);
  f.w.run();
  CHECK(std::move(end).receive());
}

TEST_CASE("a proxy holds a limited number of requests") {
  proxy_fixture f;
  writer_actor writer = f.proxy;
  for (size_t i = 0; i < max_awaiting; ++i)
    cafx::anon_mail(pause_writing{}).send(writer);
  auto more = f.w.self->mail(get_status{}).request(writer, cafx::infinite);
  f.w.run();
  auto res = std::move(more).receive();
  REQUIRE(!res);
  auto why = failure_of(res.error());
  REQUIRE(why);
  CHECK(why->code == errc::limit_exceeded);
  CHECK(why->path == "data:w");
}

TEST_CASE("the failure of a writer that is lost says how far it was") {
  proxy_fixture f;
  auto mode = GENERATE(write_mode::append, write_mode::replace);
  auto real = spawn_writer(
    f.w.system(), f.queue->supervisor,
    {.path = "lost", .mode = mode, .data = buffer{"data"}, .open_ended = true});
  auto proxy = f.w.system().spawn<cafx::actor_of<remote_writer_state>>(
    "data:lost", mode, f.queue->supervisor);
  writer_actor writer = proxy;
  auto end = f.w.self->mail(await_writer{}).request(writer, cafx::infinite);
  f.w.run();
  auto lost = writer_unreachable{
    {.code = errc::node_lost, .detail = "the connection to node:1: it broke"}};
  auto expected = std::string{"background_write \"data:lost\": node_lost: the "
                              "connection to node:1: it broke"};
  uint64_t done = 0;
  SECTION("before the node has said anything") {
    cafx::anon_mail(lost).send(proxy);
  }
  SECTION("when it has written") {
    cafx::anon_mail(writer_placed{real}).send(proxy);
    f.w.run();
    cafx::anon_mail(lost).send(proxy);
    expected += "; 4 bytes were written when it was last heard of, and the "
                "node may have written more: check the file before you "
                "continue";
    done = mode == write_mode::replace ? 0 : 4;
  }
  f.w.run();
  auto res = std::move(end).receive();
  REQUIRE(!res);
  auto why = failure_of(res.error());
  REQUIRE(why);
  CHECK(to_string(*why) == expected);
  CHECK(why->done == done);
  CHECK(f.w.terminated(proxy));
  f.w.kill(real);
}

TEST_CASE("a writer of a node has each subscriber once, and not too many") {
  proxy_fixture f;
  constexpr auto most = max_subscribers - 1;
  std::vector<std::vector<writer_status>> heard(max_subscribers);
  std::vector<progress_receiver> tellers;
  for (auto& log : heard) {
    tellers.push_back(
      f.w.system().spawn<cafx::actor_of<teller_state>>(f.proxy, &log));
    f.w.run();
  }
  auto subscribe = [&](const progress_receiver& who) {
    return f.w.self->mail(subscribe_progress{who})
      .request(f.proxy, cafx::infinite);
  };
  auto again = subscribe(tellers[0]);
  auto late = subscribe(tellers[most]);
  f.w.run();
  auto refused = std::move(late).receive();
  REQUIRE(!refused);
  auto why = failure_of(refused.error());
  REQUIRE(why);
  CHECK(to_string(*why)
        == "background_write \"data:w\": limit_exceeded: a writer of a node "
           "has at most 99 subscribers");
  cafx::anon_mail(writer_unreachable{{.code = errc::node_lost}}).send(f.proxy);
  f.w.run();
  CHECK(!std::move(again).receive());
  for (size_t i = 0; i < most; ++i)
    CHECK(heard[i].size() == 1);
  CHECK(heard[most].empty());
  // The refusal has not ended its sender.
  cafx::anon_mail(writer_status{}).send(tellers[most]);
  f.w.run();
  CHECK(heard[most].size() == 1);
  for (const auto& one : tellers)
    f.w.kill(one);
}

TEST_CASE("subscribers of a writer that is lost get its last status") {
  proxy_fixture f;
  std::vector<writer_status> heard;
  auto teller
    = f.w.system().spawn<cafx::actor_of<teller_state>>(f.proxy, &heard);
  f.w.run();
  cafx::anon_mail(writer_status{.path = "data:w", .written = 3}).send(f.proxy);
  cafx::anon_mail(writer_unreachable{{.code = errc::node_lost}}).send(f.proxy);
  f.w.run();
  REQUIRE(heard.size() == 1);
  CHECK(heard[0].path == "data:w");
  CHECK(heard[0].finished);
  CHECK(heard[0].written == 3);
  REQUIRE(heard[0].error);
  CHECK(heard[0].error->operation == "background_write");
  CHECK(heard[0].error->done == 3);
  f.w.kill(teller);
}
