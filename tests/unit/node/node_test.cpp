#include "failure_of.hpp"
#include "held_disk.hpp"
#include "node_fixture.hpp"
#include "unwilling.hpp"

#include "spindle/client.hpp"
#include "spindle/fs/memory/memory_vfs.hpp"

#include <filesystem>
#include <fstream>
#include <future>

#include <fcntl.h>
#include <unistd.h>

using namespace spindle;
using namespace spindle::test;
using namespace std::literals;

// -- operations ---------------------------------------------------------------

TEST_CASE("a node does what its clients ask for") {
  auto tls = GENERATE(false, true);
  fixture f{tls};
  client c{f.q};
  CHECK(f.q.volumes()
        == std::vector<volume_info>{{"data", false}, {"fixed", true}});
  REQUIRE(c.run(directory_create{.path = "data:d"}));
  REQUIRE(c.run(file_write{.path = "data:d/a", .data = buffer{"hello"}}));
  CHECK(c.run(file_read{.path = "data:d/a"})->text() == "hello");
  CHECK(*c.run(file_exists{.path = "fixed:d/a"}));
  CHECK(c.run(directory_contents{.path = "data:d"})->size() == 1);
  CHECK(std::filesystem::exists(f.there.files.path() + "/d/a"));
  CHECK(c.status()->succeeded == 5);
  CHECK((*c.run(oplist{}
                  .add(file_copy{.path = "data:d/a", .target = "data:d/b"})
                  .add(file_delete{.path = "data:d/c"})))
          .failed()
        == 1);
}

TEST_CASE("failures name the path as the client wrote it") {
  fixture f;
  client c{f.q};
  auto res = c.run(file_read{.path = "data:missing"});
  REQUIRE(code_of(res) == errc::not_found);
  CHECK(failure_of(res.error())->path == "data:missing");
  CHECK(failure_of(res.error())->operation == "file_read");
  CHECK(failure_of(res.error())->sys_errno == ENOENT);
  CHECK(code_of(c.run(file_create{.path = "fixed:x"})) == errc::read_only);
  CHECK(code_of(c.run(file_read{.path = "kept"})) == errc::invalid_argument);
  CHECK(code_of(c.run(file_read{.path = "other:kept"})) == errc::not_found);
  CHECK(code_of(c.run(file_copy{.path = "fixed:kept", .target = "data:x"}))
        == errc::invalid_argument);
  CHECK(code_of(c.run(file_read{.path = "data:../etc/passwd"}))
        == errc::permission_denied);
  CHECK(code_of(c.run(file_read{.path = "data:/etc/passwd"}))
        == errc::permission_denied);
  auto report = c.run(oplist{}.add(file_read{.path = "data:missing"}));
  REQUIRE(report);
  const auto& only = std::get<outcome>(report->entries[0].value);
  CHECK(kit::failure_of(only.result).path == "data:missing");
  CHECK(path_of(only.op) == "data:missing");
}

TEST_CASE(
  "only the client that submitted an operation can follow or cancel it") {
  auto memory = std::make_shared<fs::memory_vfs>();
  REQUIRE(memory->make_directory(memory->start(), "tree", 0700));
  memory->write_file("tree/a", "text");
  memory->write_file("tree/b", "text");
  kit::held_disk held{memory, fs::call_kind::remove_file, 2};
  configuration cfg{false};
  caf::actor_system there{cfg};
  settings bounds;
  bounds.disk = held.disk();
  std::vector<served_volume> volumes;
  volumes.emplace_back(volume_info{"data", false}, spawn_queue(there, bounds));
  auto served = serve(there, std::move(volumes), {});
  REQUIRE(served);
  configuration mine{false}, others{false};
  caf::actor_system sys{mine}, other_sys{others};
  auto q = value_of(connect(sys, {.port = served->port()}));
  auto other = value_of(connect(other_sys, {.port = served->port()}));
  client c{q}, stranger{other};
  std::promise<void> done;
  auto which = value_of(c.submit(directory_delete{.path = "data:tree"},
                                 [&](const outcome&) { done.set_value(); }));
  held.wait();
  auto now = value_of(c.progress(which));
  CHECK(now.ticket == which);
  CHECK(now.operation == "directory_delete");
  CHECK(now.started);
  CHECK(now.entries == 1);
  CHECK(now.path.starts_with("data:tree/"));
  CHECK(code_of(stranger.progress(which)) == errc::not_found);
  // Likewise, only the client itself can cancel what waits.
  std::promise<errc> dropped;
  auto second
    = value_of(c.submit(file_create{.path = "data:x"}, [&](const outcome& x) {
        dropped.set_value(kit::failure_of(x.result).code);
      }));
  CHECK(!value_of(stranger.cancel(second)));
  CHECK(value_of(c.cancel(second)));
  held.release();
  done.get_future().wait();
  CHECK(dropped.get_future().get() == errc::cancelled);
  CHECK(code_of(c.progress(which)) == errc::not_found);
}

TEST_CASE("clients cannot shut a node down, or configure it") {
  fixture f;
  client c{f.q};
  cafx::scoped_actor self{f.sys};
  auto direct = f.there.at->gateway();
  cafx::scoped_actor local{*f.there.sys};
  CHECK(
    code_of(
      local->mail(spindle::shutdown{}).request(direct, kit::patience).receive())
    == errc::permission_denied);
  auto refused = self->mail(set_profiles{})
                   .request(f.q.supervisor(), kit::patience)
                   .receive();
  REQUIRE(code_of(refused) == errc::permission_denied);
  CHECK(failure_of(refused.error())->operation == "set_profiles");
  CHECK(self->mail(get_profiles{})
          .request(f.q.supervisor(), kit::patience)
          .receive()
          ->profiles.size()
        == built_in_profiles().size());
  CHECK_THROWS_AS(f.q.apply({}), std::invalid_argument);
  // The shutdown of a connection does not end the node.
  CHECK(c.shutdown());
  auto other = value_of(connect(f.sys, {.port = f.there.at->port()}));
  CHECK(value_of(client{other}.run(file_exists{.path = "data:kept"})));
}

TEST_CASE("a descriptor does not travel to a node") {
  fixture f;
  client c{f.q};
  auto closes = GENERATE(false, true);
  CAPTURE(closes);
  int ends[2];
  REQUIRE(::pipe2(ends, O_NONBLOCK) == 0);
  auto refused = c.wait(c.write({.path = "data:x",
                                 .descriptor = ends[1],
                                 .data = buffer{"x"},
                                 .close_when_finished = closes}));
  REQUIRE(code_of(refused) == errc::invalid_argument);
  auto why = failure_of(refused.error());
  CHECK(why->operation == "background_write");
  CHECK(why->path == "descriptor " + std::to_string(ends[1]));
  CHECK(!value_of(c.run(file_exists{.path = "data:x"})));
  // A pipe without a writer is at its end.
  char left;
  CHECK((::read(ends[0], &left, 1) == 0) == closes);
  ::close(ends[0]);
  if (!closes)
    ::close(ends[1]);
}

TEST_CASE("callbacks get the results of a node") {
  auto tls = GENERATE(false, true);
  fixture f{tls};
  client c{f.q};
  SECTION("of an operation") {
    std::promise<outcome> told;
    auto id = c.submit(file_read{.path = "data:kept"},
                       [&](const outcome& x) { told.set_value(x); });
    REQUIRE(id);
    auto x = told.get_future().get();
    CHECK(x.ticket == *id);
    CHECK(path_of(x.op) == "data:kept");
    CHECK(x.get<buffer>().text() == "kept");
  }
  SECTION("of a list") {
    std::promise<oplist_report> told;
    auto id = c.submit(oplist{}.add(file_exists{.path = "data:kept"}),
                       [&](const oplist_report& x) { told.set_value(x); });
    REQUIRE(id);
    auto x = told.get_future().get();
    CHECK(x.ticket == *id);
    CHECK(x.failed() == 0);
  }
  SECTION("but not a refusal") {
    auto id = c.submit(file_read{.path = "kept"},
                       [](const outcome&) { FAIL("nobody got a ticket"); });
    CHECK(code_of(id) == errc::invalid_argument);
  }
}

TEST_CASE("a callback that answers with an error harms no node") {
  fixture f;
  auto via_connection = GENERATE(false, true);
  CAPTURE(via_connection);
  auto& sys = via_connection ? f.sys : *f.there.sys;
  auto node = via_connection ? f.q.supervisor()
                             : supervisor_actor{f.there.at->gateway()};
  cafx::scoped_actor self{sys};
  // Harm would show a moment later.
  for (int i = 0; i < 20; ++i) {
    std::promise<void> told;
    auto tell = [&told] { told.set_value(); };
    auto one = test::spawn_unwilling<callback, outcome>(sys, false, tell);
    REQUIRE(self->mail(file_exists{.path = "data:kept"}, one)
              .request(node, kit::patience)
              .receive());
    REQUIRE(told.get_future().wait_for(kit::patience)
            == std::future_status::ready);
    caf::anon_send_exit(one, caf::exit_reason::user_shutdown);
  }
  CHECK(*client{f.q}.run(file_exists{.path = "data:kept"}));
}

// -- requests with an id ------------------------------------------------------

TEST_CASE("a request with an id is done once") {
  auto tls = GENERATE(false, true);
  node_limits limits;
  limits.request_window = 3;
  fixture f{tls, limits};
  cafx::scoped_actor self{f.sys};
  auto ask = [&](request_id id, operation op) {
    return self->mail(id, std::move(op))
      .request(f.q.connection(), kit::patience)
      .receive();
  };
  auto next = [&] {
    return self->mail(next_request_id{})
      .request(f.q.connection(), kit::patience)
      .receive()
      .value();
  };
  auto first = next();
  CHECK(first.sequence == 1);
  operation op = file_create{.path = "data:new"};
  auto done_once = ask(first, op);
  REQUIRE(done_once);
  CHECK(*done_once);
  CHECK(value_of(ask(first, op)) == *done_once);
  // Under another id, it is another request.
  auto again = ask(next(), op);
  REQUIRE(again);
  CHECK(kit::failure_of(*again).code == errc::already_exists);
  for (int i = 0; i < 3; ++i)
    REQUIRE(ask(next(), file_exists{.path = "data:new"}));
  CHECK(code_of(ask(first, op)) == errc::request_expired);
  CHECK(code_of(ask({first.client + 1, 9}, op)) == errc::request_expired);
  SECTION("and its id belongs to no other request") {
    auto id = next();
    REQUIRE(ask(id, file_exists{.path = "data:new"}));
    CHECK(code_of(self->mail(id, oplist{}.add(file_exists{.path = "data:new"}))
                    .request(f.q.connection(), kit::patience)
                    .receive())
          == errc::invalid_argument);
  }
  SECTION("also a list") {
    auto list = oplist{}.add(file_create{.path = "data:x"});
    auto id = next();
    auto report
      = self->mail(id, list).request(f.q.connection(), kit::patience).receive();
    REQUIRE(report);
    CHECK(report->failed() == 0);
    CHECK(self->mail(id, list)
            .request(f.q.connection(), kit::patience)
            .receive()
            ->failed()
          == 0);
  }
  SECTION("with run_once") {
    CHECK(f.q.run_once(file_create{.path = "data:once"}));
    CHECK(code_of(f.q.run_once(file_create{.path = "data:once"}))
          == errc::already_exists);
    CHECK(f.q.run_once(file_read{.path = "data:kept"})->text() == "kept");
  }
}

// -- writers ------------------------------------------------------------------

TEST_CASE("writers of a node write for a client") {
  auto tls = GENERATE(false, true);
  fixture f{tls};
  client c{f.q};
  auto read = [&](const char* path) {
    return std::string{value_of(c.run(file_read{.path = path})).text()};
  };
  SECTION("one after the other") {
    auto first = f.q.write(
      {.path = "data:log", .data = buffer{"first "}, .profile = "10"});
    auto second = f.q.write({.path = "data:log",
                             .mode = write_mode::append,
                             .data = buffer{"second"},
                             .chain_after = first});
    auto last = value_of(c.wait(second));
    CHECK(last.path == "data:log");
    CHECK(last.written == 6);
    CHECK(value_of(c.wait(first)).written == 6);
    CHECK(read("data:log") == "first second");
  }
  SECTION("piece by piece") {
    auto writer = f.q.write({.path = "data:stream", .open_ended = true});
    cafx::scoped_actor self{f.sys};
    for (const char* part : {"a", "b", "c"})
      CHECK(self->mail(append_data{buffer{part}})
              .request(writer, kit::patience)
              .receive()
              .value()
            > 0);
    self->mail(finish_writing{}).send(writer);
    CHECK(value_of(c.wait(writer)).written == 3);
    CHECK(read("data:stream") == "abc");
  }
  SECTION("not where they must not") {
    auto outside
      = c.wait(f.q.write({.path = "data:../x", .data = buffer{"x"}}));
    REQUIRE(code_of(outside) == errc::permission_denied);
    CHECK(failure_of(outside.error())->path == "data:../x");
    CHECK(code_of(c.wait(f.q.write({.path = "fixed:x", .data = buffer{"x"}})))
          == errc::read_only);
    CHECK(code_of(c.wait(f.q.write({.path = "x", .data = buffer{"x"}})))
          == errc::invalid_argument);
  }
}

TEST_CASE("writers of a node wait for others, wherever these are") {
  auto tls = GENERATE(false, true);
  fixture f{tls};
  client c{f.q};
  SECTION("not after one that failed") {
    auto bad = f.q.write({.path = "other:x", .data = buffer{"x"}});
    auto after
      = f.q.write({.path = "data:y", .data = buffer{"y"}, .chain_after = bad});
    CHECK(code_of(c.wait(after)) == errc::chain_broken);
    CHECK(code_of(c.wait(bad)) == errc::not_found);
    CHECK(!*c.run(file_exists{.path = "data:y"}));
  }
  SECTION("after one of another node") {
    server other{tls};
    auto far = connect(f.sys, {.port = other.at->port(), .tls = tls}).value();
    auto first
      = f.q.write({.path = "data:1", .data = buffer{"first"}, .profile = "10"});
    auto second = far.write(
      {.path = "data:2", .data = buffer{"second"}, .chain_after = first});
    auto third = f.q.write(
      {.path = "data:3", .data = buffer{"third"}, .chain_after = second});
    CHECK(value_of(c.wait(third)).written == 5);
    client o{far};
    CHECK(value_of(o.run(file_read{.path = "data:2"})).text() == "second");
    auto bad = far.write({.path = "data:../x", .data = buffer{"x"}});
    auto after
      = f.q.write({.path = "data:4", .data = buffer{"y"}, .chain_after = bad});
    CHECK(code_of(c.wait(after)) == errc::chain_broken);
  }
  SECTION("after one of another queue") {
    kit::temp_dir here;
    auto local = spawn_queue(f.sys);
    auto first
      = local.write({.path = here.path() + "/a", .data = buffer{"first"}});
    auto second = f.q.write(
      {.path = "data:b", .data = buffer{"second"}, .chain_after = first});
    auto third = local.write({.path = here.path() + "/c",
                              .data = buffer{"third"},
                              .chain_after = second});
    client l{local};
    CHECK(value_of(l.wait(third)).written == 5);
    CHECK(value_of(c.run(file_read{.path = "data:b"})).text() == "second");
  }
}

TEST_CASE("a writer ends when nobody is left to give it data") {
  fixture f;
  auto writer = f.q.write(
    {.path = "data:x", .mode = write_mode::replace, .open_ended = true});
  {
    cafx::scoped_actor self{f.sys};
    REQUIRE(self->mail(append_data{buffer{"half"}})
              .request(writer, kit::patience)
              .receive());
  }
  caf::anon_send_exit(f.q.connection(), caf::exit_reason::kill);
  // It has ended when the queue of the volume has no writer any more.
  cafx::scoped_actor local{*f.there.sys};
  for (;;) {
    auto now = local->mail(get_status{})
                 .request(f.there.at->gateway(), kit::patience)
                 .receive()
                 .value();
    if (now.writers == 0) {
      CHECK(now.writers_failed == 1);
      break;
    }
  }
  CHECK(!std::filesystem::exists(f.there.files.path() + "/x"));
}

// -- limits -------------------------------------------------------------------

TEST_CASE("what is beyond a limit is refused, and the limit named") {
  node_limits limits;
  // Lists that are embedded in each other count as well.
  limits.max_ops = max_message_depth;
  limits.max_message_bytes = 100'000;
  limits.max_writers = 1;
  limits.max_profile = built_in_profiles()[6];
  fixture f{false, limits};
  client c{f.q};
  auto names = [](const caf::error& why, const char* limit) {
    CHECK(code_of(why) == errc::limit_exceeded);
    INFO(detail_of(why));
    CHECK(detail_of(why).find(limit) != std::string::npos);
  };
  oplist list;
  for (size_t i = 0; i < limits.max_ops; ++i)
    list.add(file_exists{.path = "data:a"});
  CHECK(c.run(list));
  auto before = std::chrono::steady_clock::now();
  names(c.run(list.add(file_exists{.path = "data:c"})).error(), "max_ops");
  // A refusal is delayed, because the client may ask again at once.
  CHECK(std::chrono::steady_clock::now() - before >= 100ms);
  // Refused before it is sent, since the node would end the connection.
  names(c.run(file_write{.path = "data:big",
                         .data = buffer{std::string(100'000, 'x')}})
          .error(),
        "max_message_bytes");
  // Refused before it is sent, since the node would not read it.
  auto nested = oplist{}.add(file_exists{.path = "data:a"});
  for (size_t i = 0; i < max_message_depth; ++i)
    nested = oplist{}.add(std::move(nested));
  names(c.run(nested).error(), "depth of 512");
  // The limit of the queue is checked by the node.
  names(c.run(std::get<oplist>(nested.entries[0].what)).error(),
        "max_oplist_depth");
  names(c.wait(f.q.write({.path = "data:a", .data = buffer{"x"}})).error(),
        "max_profile");
  auto open = [&] {
    return f.q.write({.path = "data:a", .profile = "7", .open_ended = true});
  };
  auto only = open();
  // The node may learn later than the client that the writer above has ended.
  auto is_open = c.status(only);
  for (; code_of(is_open) == errc::limit_exceeded; is_open = c.status(only))
    only = open();
  REQUIRE(is_open);
  names(
    c.wait(f.q.write({.path = "data:b", .data = buffer{"x"}, .profile = "7"}))
      .error(),
    "max_writers");
  cafx::scoped_actor self{f.sys};
  names(
    self->mail(set_profile{"1"}).request(only, kit::patience).receive().error(),
    "max_profile");
  CHECK(self->mail(set_profile{"9"}).request(only, kit::patience).receive());
}

// -- lost connections ---------------------------------------------------------

TEST_CASE("pending requests fail at once when a node is lost") {
  auto tls = GENERATE(false, true);
  fixture f{tls};
  client c{f.q};
  auto writer = f.q.write({.path = "data:x", .open_ended = true});
  REQUIRE(c.status(writer));
  auto waiting = std::async(std::launch::async, [&] {
    client mine{f.q};
    return mine.wait(writer);
  });
  f.there.vanish();
  auto last = waiting.get();
  // A node that ends may end the writer before.
  CHECK((last ? last->finished : code_of(last) == errc::node_lost));
  auto late = c.run(file_exists{.path = "data:kept"});
  REQUIRE(code_of(late) == errc::node_lost);
  CHECK(failure_of(late.error())->operation == "file_exists");
  CHECK(failure_of(late.error())->path == "data:kept");
  CHECK(code_of(f.q.run_once(file_exists{.path = "data:kept"}, 50ms))
        == errc::node_lost);
  CHECK(
    code_of(c.submit(file_exists{.path = "data:kept"}, [](const outcome&) {}))
    == errc::node_lost);
}

TEST_CASE("the shutdown of a connection names what was not done in time") {
  fixture f;
  client c{f.q};
  f.there.add_slow_file("slow");
  // The list below is in the same lane, and waits.
  cafx::scoped_actor self{f.sys};
  auto id = self
              ->mail(operation{file_checksum{.path = "data:slow"}},
                     local_callback{[](const outcome& x) {
                       CHECK(kit::failure_of(x.result).code == errc::node_lost);
                     }})
              .request(f.q.front(), kit::patience)
              .receive();
  REQUIRE(id);
  auto writer = f.q.write({.path = "data:x", .open_ended = true});
  REQUIRE(c.status(writer));
  self->mail(pause_writing{}).send(writer);
  auto request = self->mail(oplist{}.add(file_exists{.path = "data:kept"}))
                   .request(f.q.connection(), kit::patience);
  auto report = self->mail(spindle::shutdown{0s})
                  .request(f.q.connection(), kit::patience)
                  .receive();
  REQUIRE(report);
  CHECK(report->undone
        == std::vector<undone>{{{}, "oplist", "", true},
                               {*id, "file_checksum", "data:slow", true},
                               {{}, "background_write", "data:x", true}});
  auto why = std::move(request).receive();
  REQUIRE(code_of(why) == errc::node_lost);
  CHECK(failure_of(why.error())->operation == "oplist");
}

TEST_CASE("a connection counts callbacks that throw") {
  fixture f;
  client c{f.q};
  REQUIRE(c.submit(file_exists{.path = "data:kept"}, [](const outcome&) {
    throw std::runtime_error{"thrown on purpose"};
  }));
  CHECK(c.shutdown()->totals.callbacks_threw == 1);
}

TEST_CASE("connecting fails where no node listens") {
  networked<> cfg;
  caf::actor_system sys{cfg};
  auto res = connect(sys, {.port = 1});
  REQUIRE(code_of(res) == errc::node_lost);
  CHECK(failure_of(res.error())->operation == "connect");
  CHECK(failure_of(res.error())->path == "127.0.0.1:1");
  CHECK(failure_of(res.error())->sys_errno == ECONNREFUSED);
}

TEST_CASE("a node without TLS listens at a loopback address only") {
  networked<> cfg;
  caf::actor_system sys{cfg};
  auto res
    = serve(sys, {{{"a", false}, spawn_queue(sys)}}, {.address = "0.0.0.0"});
  REQUIRE(code_of(res) == errc::invalid_argument);
  CHECK(detail_of(res.error()).find("TLS") != std::string::npos);
  auto bad_name = serve(sys, {{{"a/b", false}, spawn_queue(sys)}}, {});
  CHECK(code_of(bad_name) == errc::invalid_argument);
}
