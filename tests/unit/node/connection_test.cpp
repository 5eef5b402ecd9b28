// How a connection treats pending requests and writers when it is lost.
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
                    .request(f.q.connection(), 10s);
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
  auto closed = self->mail(shutdown{}).request(f.q.connection(), 10s);
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
                    .request(f.q.connection(), 10s);
  REQUIRE(c.run(file_exists{.path = "data:kept"}));
  auto port = f.there.at->port();
  f.there.at.reset();
  CHECK(code_of(c.wait(second)) == errc::node_lost);
  CHECK(code_of(c.wait(third)) == errc::node_lost);
  CHECK(code_of(std::move(recalled).receive()) == errc::node_lost);
  f.there.open(port);
  first.finish();
  CHECK(value_of(f.q.run_once(file_exists{.path = "data:kept"}, 10s)));
  auto report = self->mail(shutdown{}).request(f.q.connection(), 10s).receive();
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
  CHECK(value_of(c.run(file_exists{.path = "data:kept"})));
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
  CHECK(value_of(q.run_once(file_exists{.path = "data:kept"}, 10s)));
}

TEST_CASE("callbacks get a failure when the connection is lost") {
  fixture f;
  client c{f.q};
  f.there.add_large_file("large");
  REQUIRE(c.submit(file_checksum{.path = "data:large"}, [](const outcome&) {}));
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
  CHECK(lost.why()->code == errc::node_lost);
  auto report = all.get_future().get();
  CHECK(report.ticket == *list_id);
  REQUIRE(report.entries.size() == 2);
  const auto& first = std::get<outcome>(report.entries[0].value);
  CHECK(path_of(first.op) == "data:a");
  CHECK(first.why()->code == errc::node_lost);
  CHECK(first.why()->path == "data:a");
  auto last = part.get_future().get();
  CHECK(path_of(last.op) == "data:b");
  CHECK(last.why()->path == "data:b");
  caf::anon_send_exit(collector, caf::exit_reason::user_shutdown);
}

TEST_CASE("an operation that is not done in time counts as lost") {
  fixture f;
  f.there.add_large_file("large");
  auto late = f.q.run_once(file_checksum{.path = "data:large"}, 5ms);
  REQUIRE(code_of(late) == errc::node_lost);
  CHECK(failure_of(late.error())->operation == "file_checksum");
  CHECK(failure_of(late.error())->path == "data:large");
}
