// How a connection treats pending requests and writers when it is lost.
#include "failure_of.hpp"
#include "node_fixture.hpp"

#include "spindle/client.hpp"

#include <future>

using namespace spindle;
using namespace spindle::test;
using namespace std::literals;

namespace {

/// A writer of this process, which others can be chained to. The test ends it.
struct predecessor {
  explicit predecessor(caf::actor_system& sys)
      : local(spawn_queue(sys)),
        writer(
          local.write({.path = place.path() + "/first", .open_ended = true})) {}

  void finish() const {
    cafx::anon_mail(finish_writing{}).send(writer);
    CHECK(client{local}.wait(writer));
  }

  kit::temp_dir place;
  queue local;
  writer_actor writer;
};

/// Receives the outcome of an operation.
struct collector_state {
  collector_state(cafx::self_ptr<callback> selfptr,
                  std::promise<outcome>* where)
      : self(selfptr), told(where) {}

  callback::behavior_type make_behavior() {
    return {[this](const outcome& x) -> caf::result<void> {
      told->set_value(x);
      return caf::unit;
    }};
  }

  cafx::self_ptr<callback> self;
  std::promise<outcome>* told;
};

/// Sends a message to a connection, and returns why it fails.
template <class... Ts>
failure refusal_of(const remote_queue& q, Ts... xs) {
  cafx::scoped_actor self{q.system()};
  auto res = self->mail(std::move(xs)...)
               .request(q.connection(), kit::patience)
               .receive();
  REQUIRE(!res);
  auto why = failure_of(res.error());
  REQUIRE(why);
  return *why;
}

/// Checks that a connection fails all that it forwards, and names it.
void check_refusals(const remote_queue& q, errc code) {
  auto check
    = [&](const std::string& what, const std::string& path, auto... xs) {
        CAPTURE(what);
        auto why = refusal_of(q, std::move(xs)...);
        CHECK(why.code == code);
        CHECK(why.operation == what);
        CHECK(why.path == path);
        CHECK(why.detail.find("127.0.0.1") != std::string::npos);
      };
  file_exists op{.path = "data:kept"};
  check("file_exists", op.path, op);
  check("file_exists", op.path, operation{op}, local_callback{});
  check("file_exists", op.path, operation{op}, local_callback{}, in_lane{{7}});
  check("file_exists", op.path, request_id{1, 1}, operation{op});
  auto list = oplist{}.add(op);
  check("oplist", "", list);
  check("oplist", "", list, local_list_callback{});
  check("oplist", "", list, local_list_callback{}, in_lane{{7}});
  check("oplist", "", request_id{1, 1}, list);
  check("cancel", "", cancel{});
  check("get_progress", "", get_progress{});
  check("get_profiles", "", get_profiles{});
  check("set_profiles", "", set_profiles{});
  check("get_status", "", get_status{});
  auto writer = client{q}.wait(q.write({.path = "data:x"}));
  REQUIRE(code_of(writer) == code);
  CHECK(failure_of(writer.error())->operation == "background_write");
  CHECK(failure_of(writer.error())->path == "data:x");
}

} // namespace

TEST_CASE("a writer can be asked for before the node has spawned it") {
  fixture f;
  client c{f.q};
  predecessor first{f.sys};
  auto second = c.write({.path = "data:second",
                         .data = buffer{"second"},
                         .chain_after = first.writer});
  cafx::scoped_actor self{f.sys};
  auto recalled = self->mail(recall_writer{.writer = second})
                    .request(f.q.connection(), kit::patience);
  SECTION("and is at work then") {
    first.finish();
    auto status = std::move(recalled).receive();
    REQUIRE(status);
    CHECK(status->path == "data:second");
    CHECK(value_of(c.wait(second)).written == 6);
  }
  SECTION("and was killed") {
    // The connection has read the message above when it answers.
    REQUIRE(c.run(file_exists{.path = "data:kept"}));
    caf::anon_send_exit(second, caf::exit_reason::kill);
    CHECK(code_of(std::move(recalled).receive()) == errc::writer_lost);
    first.finish();
  }
}

TEST_CASE("a writer that waited is written before a connection is closed") {
  fixture f;
  client c{f.q};
  predecessor first{f.sys};
  auto second = c.write({.path = "data:second",
                         .data = buffer{"second"},
                         .chain_after = first.writer});
  cafx::scoped_actor self{f.sys};
  auto closed
    = self->mail(spindle::shutdown{}).request(f.q.connection(), kit::patience);
  first.finish();
  REQUIRE(std::move(closed).receive());
  CHECK(std::filesystem::file_size(f.there.files.path() + "/second") == 6);
}

TEST_CASE("a writer that was lost while it waited is not written later") {
  fixture f;
  client c{f.q};
  predecessor first{f.sys};
  auto job = write_job{.path = "data:second",
                       .data = buffer{"second"},
                       .chain_after = first.writer,
                       .chain_on_error
                       = GENERATE(chain_policy::abort, chain_policy::proceed)};
  auto second = c.write(job);
  job.chain_after = second;
  auto third = c.write(job);
  cafx::scoped_actor self{f.sys};
  auto recalled = self->mail(recall_writer{.writer = second})
                    .request(f.q.connection(), kit::patience);
  REQUIRE(c.run(file_exists{.path = "data:kept"}));
  auto port = f.there.at->port();
  f.there.at.reset();
  CHECK(code_of(c.wait(second)) == errc::node_lost);
  CHECK(code_of(c.wait(third)) == errc::node_lost);
  CHECK(code_of(std::move(recalled).receive()) == errc::node_lost);
  f.there.open(port);
  first.finish();
  CHECK(
    value_of(f.q.run_once(file_exists{.path = "data:kept"}, kit::patience)));
  auto report = self->mail(spindle::shutdown{})
                  .request(f.q.connection(), kit::patience)
                  .receive();
  REQUIRE(report);
  CHECK(!std::filesystem::exists(f.there.files.path() + "/second"));
}

TEST_CASE(
  "requests after a loss fail until the client reconnects, if it wants so") {
  fixture f;
  auto waits = GENERATE(after_loss::reconnect, after_loss::fail);
  auto q = value_of(connect(f.sys, {.port = f.there.at->port()}, {}, waits));
  client c{q};
  auto port = f.there.at->port();
  f.there.at.reset();
  CHECK(code_of(c.run(file_exists{.path = "data:kept"})) == errc::node_lost);
  f.there.open(port);
  if (waits == after_loss::fail) {
    CHECK(code_of(c.run(file_exists{.path = "data:kept"})) == errc::node_lost);
    CHECK(q.reconnect());
  }
  // A request may fail before the connection knows of its loss.
  CHECK(kit::await([&] {
    return (waits == after_loss::reconnect || q.reconnect())
        && c.run(file_exists{.path = "data:kept"});
  }));
  CHECK(q.reconnect());
}

TEST_CASE("run_once connects again, also with after_loss::fail") {
  fixture f;
  auto port = f.there.at->port();
  auto q = value_of(connect(f.sys, {.port = port}, {}, after_loss::fail));
  f.there.at.reset();
  CHECK(code_of(client{q}.run(file_exists{.path = "data:kept"}))
        == errc::node_lost);
  f.there.open(port);
  CHECK(value_of(q.run_once(file_exists{.path = "data:kept"}, kit::patience)));
}

TEST_CASE("callbacks get a failure when the connection is lost") {
  fixture f;
  client c{f.q};
  f.there.add_slow_file("slow");
  REQUIRE(c.submit(file_checksum{.path = "data:slow"}, [](const outcome&) {}));
  std::promise<outcome> one, part;
  std::promise<oplist_report> all;
  auto collector = f.sys.spawn<cafx::actor_of<collector_state>>(&part);
  auto id = c.submit(file_exists{.path = "data:kept"},
                     [&one](const outcome& x) { one.set_value(x); });
  oplist list;
  list.add(file_delete{.path = "data:a"})
    .add(file_delete{.path = "data:b"}, collector);
  auto list_id
    = c.submit(list, [&all](const oplist_report& x) { all.set_value(x); });
  REQUIRE(id);
  REQUIRE(list_id);
  SECTION("with the node") {
    f.there.at.reset();
  }
  SECTION("with itself") {
    caf::anon_send_exit(f.q.connection(), caf::exit_reason::kill);
  }
  auto lost = one.get_future().get();
  CHECK(lost.ticket == *id);
  CHECK(path_of(lost.op) == "data:kept");
  CHECK(kit::failure_of(lost.result).code == errc::node_lost);
  auto report = all.get_future().get();
  CHECK(report.ticket == *list_id);
  REQUIRE(report.entries.size() == 2);
  const auto& first = std::get<outcome>(report.entries[0].value);
  CHECK(path_of(first.op) == "data:a");
  CHECK(kit::failure_of(first.result).code == errc::node_lost);
  CHECK(kit::failure_of(first.result).path == "data:a");
  auto last = part.get_future().get();
  CHECK(path_of(last.op) == "data:b");
  CHECK(kit::failure_of(last.result).path == "data:b");
  caf::anon_send_exit(collector, caf::exit_reason::user_shutdown);
}

TEST_CASE("an operation that is not done in time counts as lost") {
  fixture f;
  f.there.add_slow_file("slow");
  auto late = f.q.run_once(file_checksum{.path = "data:slow"}, 5ms);
  REQUIRE(code_of(late) == errc::node_lost);
  CHECK(failure_of(late.error())->operation == "file_checksum");
  CHECK(failure_of(late.error())->path == "data:slow");
}

// -- failures -----------------------------------------------------------------

TEST_CASE("a connection that is closed names what it refuses") {
  fixture f;
  client c{f.q};
  predecessor first{f.sys};
  auto second = c.write({.path = "data:second", .chain_after = first.writer});
  // It ends when its writer has.
  cafx::scoped_actor self{f.sys};
  auto closed
    = self->mail(spindle::shutdown{}).request(f.q.connection(), kit::patience);
  check_refusals(f.q, errc::shut_down);
  first.finish();
  CHECK(std::move(closed).receive());
}

TEST_CASE("a connection that is lost names what it fails") {
  fixture f;
  auto port = f.there.at->port();
  auto q = value_of(connect(f.sys, {.port = port}, {}, after_loss::fail));
  f.there.at.reset();
  CHECK(refusal_of(q, file_exists{.path = "data:kept"}).code
        == errc::node_lost);
  check_refusals(q, errc::node_lost);
  CHECK(refusal_of(q, next_request_id{}).operation == "next_request_id");
  auto why = refusal_of(q, reach_node{});
  CHECK(why.code == errc::node_lost);
  CHECK(why.operation == "connect");
  CHECK(why.path == "127.0.0.1:" + std::to_string(port));
  auto late = q.run_once(file_exists{.path = "data:kept"}, 10ms);
  REQUIRE(code_of(late) == errc::node_lost);
  CHECK(failure_of(late.error())->operation == "file_exists");
  CHECK(failure_of(late.error())->path == "data:kept");
}

TEST_CASE("an operation that is too large for a message is named") {
  node_limits limits;
  limits.max_message_bytes = 100'000;
  fixture f{false, limits};
  operation op
    = file_write{.path = "data:big", .data = buffer{std::string(100'000, 'x')}};
  for (const auto& why : {refusal_of(f.q, std::get<file_write>(op)),
                          refusal_of(f.q, op, local_callback{}),
                          refusal_of(f.q, request_id{1, 1}, op)}) {
    CHECK(why.code == errc::limit_exceeded);
    CHECK(why.operation == "file_write");
    CHECK(why.path == "data:big");
  }
  auto list = oplist{}.add(op);
  for (const auto& why :
       {refusal_of(f.q, list), refusal_of(f.q, list, local_list_callback{}),
        refusal_of(f.q, request_id{1, 1}, list)}) {
    CHECK(why.code == errc::limit_exceeded);
    CHECK(why.operation == "oplist");
  }
}

// -- nodes that are started again ---------------------------------------------

TEST_CASE("a connection refuses a deep list without recursion") {
  fixture f;
  oplist list;
  for (int i = 0; i < 100'000; ++i) {
    oplist outer;
    outer.add(std::move(list));
    list = std::move(outer);
  }
  auto check = [&](auto... xs) {
    auto why = refusal_of(f.q, std::move(xs)...);
    CHECK(why.code == errc::limit_exceeded);
    CHECK(why.operation == "oplist");
  };
  check(list);
  check(request_id{1, 1}, list);
  check(list, local_list_callback{});
  check(list, local_list_callback{}, in_lane{{7}});
  CHECK(value_of(client{f.q}.run(file_exists{.path = "data:kept"})));
}

TEST_CASE("a connection knows writers by the ids of their proxies") {
  fixture f;
  client c{f.q};
  auto good = c.write({.path = "data:good", .data = buffer{"data"}});
  auto bad = c.write({.path = "other:x"});
  value_of(c.wait(good));
  CHECK(code_of(c.wait(bad)) == errc::not_found);
  cafx::scoped_actor self{f.sys};
  auto status = value_of(self->mail(recall_writer{.id = good.id()})
                           .request(f.q.connection(), kit::patience)
                           .receive());
  CHECK(status.path == "data:good");
  CHECK(status.written == 4);
  CHECK(refusal_of(f.q, recall_writer{.id = bad.id()}).path == "other:");
  auto unknown = refusal_of(f.q, recall_writer{.id = self->id()});
  CHECK(unknown.code == errc::not_found);
  CHECK(unknown.operation == "background_write");
  auto chain = [&](caf::actor_id before, chain_policy policy) {
    return c.wait(c.write({.path = "data:next",
                           .data = buffer{"x"},
                           .chain_after_id = before,
                           .chain_on_error = policy}));
  };
  CHECK(code_of(chain(bad.id(), chain_policy::abort)) == errc::chain_broken);
  CHECK(code_of(chain(self->id(), chain_policy::abort)) == errc::chain_broken);
  CHECK(!std::filesystem::exists(f.there.files.path() + "/next"));
  CHECK(chain(good.id(), chain_policy::abort));
  CHECK(chain(bad.id(), chain_policy::proceed));
  CHECK(chain(self->id(), chain_policy::proceed));
}

TEST_CASE("no writer is taken for one from before a restart of the node") {
  fixture f;
  client c{f.q};
  std::vector<writer_actor> before;
  for (int i = 0; i < 10; ++i) {
    before.push_back(c.write({.path = "data:before", .open_ended = true}));
    value_of(c.status(before.back()));
  }
  auto last_id = f.there.sys->latest_actor_id();
  auto port = f.there.at->port();
  f.there.at.reset();
  for (const auto& one : before)
    CHECK(code_of(c.wait(one)) == errc::node_lost);
  f.there.vanish();
  f.there.start(port);
  REQUIRE(f.q.run_once(file_exists{.path = "data:kept"}, kit::patience));
  // Now others have the actor ids of the writers above.
  while (f.there.sys->latest_actor_id() <= last_id)
    value_of(c.wait(c.write({.path = "data:after", .data = buffer{"data"}})));
  for (const auto& one : before) {
    for (const auto& why : {refusal_of(f.q, recall_writer{.writer = one}),
                            refusal_of(f.q, recall_writer{.id = one.id()})}) {
      CHECK(why.code == errc::node_lost);
      CHECK(why.operation == "background_write");
      CHECK(why.path == "data:before");
    }
    write_job next{
      .path = "data:next", .data = buffer{"x"}, .chain_after = one};
    CHECK(code_of(c.wait(c.write(next))) == errc::chain_broken);
    next.chain_after = writer_actor{};
    next.chain_after_id = one.id();
    CHECK(code_of(c.wait(c.write(next))) == errc::chain_broken);
  }
  CHECK(!std::filesystem::exists(f.there.files.path() + "/next"));
  CHECK(c.wait(c.write({.path = "data:next",
                        .data = buffer{"x"},
                        .chain_after = before[0],
                        .chain_on_error = chain_policy::proceed})));
}

TEST_CASE("a writer follows one that ended before a restart of the node") {
  fixture f;
  client c{f.q};
  auto first = c.write({.path = "data:first", .data = buffer{"first"}});
  // It is written when the first one is down.
  kit::temp_dir here;
  auto local = spawn_queue(f.sys);
  value_of(client{local}.wait(
    local.write({.path = here.path() + "/x", .chain_after = first})));
  auto port = f.there.at->port();
  f.there.vanish();
  f.there.start(port);
  REQUIRE(f.q.run_once(file_exists{.path = "data:kept"}, kit::patience));
  auto second = c.write(
    {.path = "data:second", .data = buffer{"second"}, .chain_after = first});
  CHECK(value_of(c.wait(second)).written == 6);
}
