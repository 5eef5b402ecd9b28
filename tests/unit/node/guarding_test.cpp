// What a client cannot do to a node: learn of its other actors, end it, or have
// it print messages.
#include "node_fixture.hpp"
#include "plain_sender.hpp"

#include "spindle/client.hpp"
#include "spindle/queue/unexpected.hpp"

#include <atomic>
#include <future>
#include <map>
#include <set>

#include <caf/actor_registry.hpp>
#include <sys/stat.h>

using namespace spindle;
using namespace spindle::test;
using namespace std::literals;

namespace {

/// Returns the actors of a process that other processes can address: CAF lists
/// whoever sent something there, or was named in it.
std::map<caf::actor_id, std::string> exposed_by(caf::actor_system& sys) {
  std::map<caf::actor_id, std::string> res;
  auto& registry = sys.registry();
  for (caf::actor_id id = 1; id < sys.latest_actor_id() + 1; ++id)
    if (auto one = registry.get<caf::strong_actor_ptr>(id))
      if (auto* actor = dynamic_cast<caf::local_actor*>(one->get()))
        res.emplace(id, actor->name());
  return res;
}

/// Receives what a node sends to callbacks and subscribers, and counts it.
struct receiver_trait {
  using signatures = cafx::type_list<caf::result<void>(outcome),
                                     caf::result<void>(oplist_report),
                                     caf::result<void>(writer_status)>;
};
using receiver_actor = cafx::typed_actor<receiver_trait>;

struct receiver_state {
  receiver_state(cafx::self_ptr<receiver_actor> selfptr,
                 std::atomic<size_t>* number)
      : self(selfptr), received(number) {}

  receiver_actor::behavior_type make_behavior() {
    auto count = [this](const auto&) -> caf::result<void> {
      ++*received;
      return caf::unit;
    };
    return {
      [count](const outcome& x) { return count(x); },
      [count](const oplist_report& x) { return count(x); },
      [count](const writer_status& x) { return count(x); },
    };
  }

  cafx::self_ptr<receiver_actor> self;
  std::atomic<size_t>* received;
};

/// A program that looks the gateway up itself, without a connection.
struct stranger {
  explicit stranger(const server& there)
      : node(value_of(sys.middleman().remote_actor<node_actor>(
        "127.0.0.1", there.at->port()))) {}

  configuration cfg{false};
  caf::actor_system sys{cfg};
  node_actor node;
};

} // namespace

TEST_CASE("a client learns of no actor but the gateway and its writers") {
  server there;
  there.limits.max_ops = 2;
  there.at->apply(there.limits);
  stranger f{there};
  const auto& node = f.node;
  std::atomic<size_t> received = 0;
  auto receiver = f.sys.spawn<cafx::actor_of<receiver_state>>(&received);
  cafx::scoped_actor self{f.sys};
  auto ask = [&](auto... xs) {
    return self->mail(std::move(xs)...).request(node, kit::patience).receive();
  };
  auto ask_twice = [&](auto x) {
    CHECK(ask(join{}));
    auto id = request_id{value_of(ask(join{})).client, 1};
    CHECK(ask(id, x, lane_number{}));
    CHECK(ask(id, x, lane_number{}));
    CHECK(ask(request_id{}, x, lane_number{1}));
  };
  operation good = file_exists{.path = "data:kept"};
  oplist list;
  list.add(good).add(file_read{.path = "data:missing"}, callback{receiver});
  // What was submitted counts towards max_ops until its result is sent.
  auto await_received = [&](size_t number) {
    return kit::await([&] { return received >= number; });
  };
  ask_twice(good);
  ask_twice(list);
  CHECK(ask(file_read{.path = "data:kept"}));
  CHECK(!ask(file_read{.path = "data:missing"}));
  CHECK(!ask(file_read{.path = "none"}));
  auto too_long = list;
  CHECK(!ask(too_long.add(good)));
  CHECK(ask(list));
  // One outcome of each list that was executed.
  CHECK(await_received(3));
  auto id = ask(good, callback{receiver}, lane_number{});
  CHECK(ask(cancel{value_of(id)}));
  CHECK(ask(file_exists{.path = "data:kept"}, callback{receiver}));
  CHECK(await_received(5));
  // An outcome and a report.
  CHECK(ask(list, list_callback{receiver}));
  CHECK(await_received(7));
  CHECK(ask(list, list_callback{receiver}, lane_number{}));
  CHECK(await_received(9));
  CHECK(ask(get_status{}));
  CHECK(ask(get_profiles{}));
  CHECK(!ask(set_profiles{}));
  CHECK(!ask(spindle::shutdown{}));
  CHECK(ask(ping{}));
  auto writer = value_of(ask(write_job{.path = "data:w", .open_ended = true}));
  auto tell = [&](auto x) {
    return self->mail(std::move(x)).request(writer, kit::patience).receive();
  };
  CHECK(tell(subscribe_progress{progress_receiver{receiver}, 1ms}));
  CHECK(tell(append_data{buffer{"data"}}));
  CHECK(ask(recall_writer{.id = writer.id()}));
  CHECK(!ask(recall_writer{.id = 1}));
  CHECK(tell(set_profile{"7"}));
  CHECK(!tell(set_profile{"none"}));
  CHECK(tell(pause_writing{}));
  CHECK(tell(resume_writing{}));
  CHECK(tell(get_status{}));
  std::set<std::string> names;
  auto note_names = [&] {
    for (const auto& [aid, name] : exposed_by(*there.sys))
      if (name.starts_with("spindle."))
        names.insert(name);
  };
  // The writer is gone when it has ended.
  note_names();
  auto ended = self->mail(await_writer{}).request(writer, kit::patience);
  CHECK(tell(finish_writing{}));
  CHECK(std::move(ended).receive());
  auto refused = value_of(ask(write_job{.path = "fixed:w"}));
  CHECK(!self->mail(await_writer{}).request(refused, kit::patience).receive());
  // Progress.
  CHECK(await_received(10));
  note_names();
  CHECK(names == std::set<std::string>{"spindle.gateway", "spindle.writer"});
  caf::anon_send_exit(receiver, caf::exit_reason::user_shutdown);
}

TEST_CASE("a client learns nothing of the writers of another") {
  server there;
  stranger one{there}, other{there};
  cafx::scoped_actor self{one.sys}, spy{other.sys};
  auto writer
    = value_of(self->mail(write_job{.path = "data:w", .open_ended = true})
                 .request(one.node, kit::patience)
                 .receive());
  recall_writer which{.id = writer.id()};
  CHECK(
    value_of(self->mail(which).request(one.node, kit::patience).receive()).path
    == "data:w");
  CHECK(code_of(spy->mail(which).request(other.node, kit::patience).receive())
        == errc::not_found);
  // Not by a writer that waits for it either.
  write_job later{.path = "data:x"};
  later.chain_after_id = writer.id();
  CHECK(code_of(spy->mail(later).request(other.node, kit::patience).receive())
        == errc::chain_broken);
  later.chain_on_error = chain_policy::proceed;
  CHECK(spy->mail(later).request(other.node, kit::patience).receive());
}

TEST_CASE("a client cannot end a node by mistake") {
  fixture f;
  // From another node, the listener would refuse messages of this kind.
  auto node = caf::actor_cast<caf::actor>(f.there.at->gateway());
  SECTION("by linking to it and leaving") {
    auto linked = f.there.sys->spawn([node](caf::event_based_actor* self) {
      self->link_to(node);
      return caf::behavior{[](int32_t) {}};
    });
    caf::anon_send_exit(linked, caf::exit_reason::user_shutdown);
  }
  SECTION("by telling it to end") {
    caf::anon_send_exit(node, caf::exit_reason::user_shutdown);
  }
  SECTION("by sending it an error") {
    cafx::anon_mail(caf::make_error(caf::sec::runtime_error)).send(node);
  }
  SECTION("by telling it that another one is gone") {
    cafx::anon_mail(caf::down_msg{node.address(), {}}).send(node);
  }
  client c{f.q};
  for (int i = 0; i < 3; ++i)
    CHECK(value_of(c.run(file_exists{.path = "data:kept"})));
  CHECK(f.there.events.count("died") == 0);
}

TEST_CASE("the owner of a node learns that it does not work any more") {
  fixture f;
  SECTION("because its gateway died") {
    caf::anon_send_exit(f.there.at->gateway(), caf::exit_reason::kill);
    auto died = f.there.events.await("died");
    REQUIRE(died);
    CHECK(died->details.front().second == "gateway");
  }
  SECTION("because the queue of a volume died") {
    caf::anon_send_exit(f.there.volumes[1].disk.supervisor(),
                        caf::exit_reason::kill);
    auto died = f.there.events.await("died");
    REQUIRE(died);
    CHECK(died->details.front().second == "volume fixed");
  }
  SECTION("but not when it was shut down") {
    f.there.at->close();
    client{f.there.volumes[1].disk}.shutdown();
    f.there.vanish();
    CHECK(f.there.events.count("died") == 0);
  }
}

TEST_CASE("unexpected messages are dropped and counted") {
  fixture f;
  auto before = unexpected_messages();
  std::atomic<size_t> heard = 0;
  observe_unexpected([&heard](std::string_view actor) {
    heard += actor == "spindle.gateway" || actor == "spindle.writer";
  });
  auto writer
    = f.there.volumes[0].disk.write({.path = "w", .open_ended = true});
  for (const auto& whom : {caf::actor_cast<caf::actor>(f.there.at->gateway()),
                           caf::actor_cast<caf::actor>(writer)}) {
    cafx::anon_mail(std::string{"secret"}).send(whom);
    cafx::anon_mail(caf::make_error(caf::sec::runtime_error)).send(whom);
  }
  CHECK(kit::await([&] { return heard == 4; }));
  CHECK(unexpected_messages() == before + 4);
  observe_unexpected(nullptr);
  CHECK(value_of(client{f.q}.run(file_exists{.path = "data:kept"})));
  caf::anon_send_exit(writer, caf::exit_reason::user_shutdown);
}

TEST_CASE("what a node refuses does not end its sender, unless requested") {
  fixture f;
  auto outlives_refusals = [](caf::actor_system& sys, const auto& whom) {
    std::promise<bool> told;
    auto sender = spawn_plain_sender(sys, [&](plain_sender_self self) {
      auto tell = [&](auto... xs) { self->mail(std::move(xs)...).send(whom); };
      tell(file_read{.path = "data:missing"});
      tell(file_read{.path = "none"});
      tell(oplist{}.add(file_exists{.path = "none"}));
      tell(get_progress{ticket{99}});
      tell(recall_writer{.id = 99});
      tell(set_profiles{});
      // The response comes after all refusals.
      self->mail(file_exists{.path = "data:kept"})
        .request(whom, 10s)
        .then([&](bool x) { told.set_value(x); },
              [&](const caf::error&) { told.set_value(false); });
    });
    auto answer = told.get_future();
    auto res
      = answer.wait_for(20s) == std::future_status::ready && answer.get();
    caf::anon_send_exit(sender, caf::exit_reason::user_shutdown);
    return res;
  };
  CHECK(outlives_refusals(f.sys, f.q.connection()));
  stranger other{f.there};
  CHECK(outlives_refusals(other.sys, other.node));
}

TEST_CASE("clients set special permissions only where that is allowed") {
  fixture f;
  auto allowed = GENERATE(false, true);
  CAPTURE(allowed);
  if (allowed) {
    f.there.at.reset();
    f.there.volumes[0].special_permissions = true;
    f.there.open();
    f.q = connect(f.sys, {.port = f.there.at->port()}).value();
  }
  client c{f.q};
  auto special = [&](const char* name) {
    struct stat info {};
    auto path = f.there.files.path() + '/' + name;
    REQUIRE(::stat(path.c_str(), &info) == 0);
    CHECK((info.st_mode & 0700) == 0700);
    return (info.st_mode & 07000) != 0;
  };
  std::ofstream old{f.there.files.path() + "/old"};
  REQUIRE(c.run(set_permissions{.path = "data:old", .permissions = 07700}));
  CHECK(special("old") == allowed);
  REQUIRE(c.run(directory_create{.path = "data:d", .permissions = 07700}));
  CHECK(special("d") == allowed);
  REQUIRE(c.run(
    oplist{}
      .add(file_create{.path = "data:f", .permissions = 07700})
      .add(oplist{}.add(file_write{.path = "data:w", .permissions = 07700}))));
  CHECK(special("f") == allowed);
  CHECK(special("w") == allowed);
  REQUIRE(c.wait(f.q.write({.path = "data:b", .permissions = 07700})));
  CHECK(special("b") == allowed);
}
