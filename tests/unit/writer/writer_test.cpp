// What a writer writes.
#include "catch.hpp"
#include "plain_sender.hpp"

#include "answering_queue.hpp"
#include "writer_fixture.hpp"

#include <array>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

using namespace spindle;
using namespace spindle::test;
using namespace std::literals;

TEST_CASE("a buffer is written in chunks of the profile, or of the job") {
  writer_fixture f;
  auto a = f.spawn({.path = "a", .data = text(10), .profile = full_speed(4)});
  auto b = f.spawn(
    {.path = "b", .data = text(10), .chunk_size = 5, .profile = full_speed(4)});
  f.w.run();
  CHECK(f.content("a") == "xxxxxxxxxx");
  CHECK(f.last(a).chunks == 3);
  CHECK(f.last(b).chunks == 2);
  auto last = f.last(a);
  CHECK(last.finished);
  CHECK(last.started_writing);
  CHECK(last.written == 10);
  CHECK(last.remaining == 0);
  CHECK(!last.error);
  CHECK(last.profile == "full");
  CHECK(f.w.terminated(a));
}

TEST_CASE("results that overtake each other belong to their chunks") {
  test::world w;
  answering_queue queue{w.system()};
  auto who = spawn_writer(
    w.system(), caf::actor_cast<supervisor_internal_actor>(queue.actor),
    {.path = "a", .data = text(5), .profile = full_speed(4)});
  auto end = w.self->mail(await_writer{}).request(who, cafx::infinite);
  w.run();
  REQUIRE(queue.steps.size() == 2);
  CHECK(queue.steps[0].first.kind == step_kind::write);
  CHECK(queue.steps[1].first.kind == step_kind::finish);
  queue.answer(1, 1);
  w.run();
  CHECK(!w.terminated(who));
  queue.answer(0, 4);
  w.run();
  CHECK(queue.steps.size() == 2);
  CHECK(w.terminated(who));
  auto last = std::move(end).receive();
  REQUIRE(last);
  CHECK(last->written == 5);
  CHECK(last->chunks == 2);
  CHECK(!last->error);
}

TEST_CASE("a list of blocks is written block by block") {
  writer_fixture f;
  auto a = f.spawn({.path = "a",
                    .data = {buffer{"one"sv}, buffer{""sv}, buffer{"three"sv}},
                    .profile = full_speed(2)});
  f.w.run();
  CHECK(f.content("a") == "onethree");
  CHECK(f.disk->sizes == std::vector<size_t>{3, 5});
  CHECK(f.last(a).chunks == 2);
}

TEST_CASE("nothing to write makes an empty file") {
  writer_fixture f;
  auto a = f.spawn({.path = "a"});
  f.w.run();
  CHECK(f.content("a").empty());
  CHECK(f.last(a).finished);
}

TEST_CASE("modes are those of file_write") {
  writer_fixture f;
  auto write = [&](write_mode mode, uint64_t offset = 0) {
    auto who = f.spawn({.path = "a",
                        .mode = mode,
                        .offset = offset,
                        .data = buffer{"abc"sv},
                        .profile = full_speed(2)});
    f.w.run();
    auto last = f.last(who);
    return last.error ? to_string(last.error->code) : f.content("a");
  };
  CHECK(write(write_mode::create_new) == "abc");
  CHECK(write(write_mode::create_new) == "already_exists");
  CHECK(write(write_mode::append) == "abcabc");
  CHECK(write(write_mode::update, 1) == "aabcbc");
  CHECK(write(write_mode::truncate, 4) == "aabcabc");
  CHECK(write(write_mode::truncate) == "abc");
  CHECK(write(write_mode::replace) == "abc");
  CHECK(write(write_mode::replace, 1) == "invalid_argument");
}

TEST_CASE("a replaced file gets its name when all is written, or never") {
  writer_fixture f;
  REQUIRE(f.w.ask(f.queue->supervisor,
                  file_write{.path = "a", .data = buffer{"old"sv}}));
  auto job = write_job{.path = "a",
                       .mode = write_mode::replace,
                       .data = text(10),
                       .profile = full_speed(1)};
  size_t steps = 0;
  writer_internal_actor who;
  f.disk->then = [&] {
    if (++steps == 5)
      caf::anon_send_exit(who, caf::exit_reason::kill);
  };
  who = f.spawn(job);
  f.w.run();
  f.disk->then = nullptr;
  CHECK(f.last(who).error->code == errc::writer_lost);
  CHECK(f.content("a") == "old");
  auto names = f.w.ask(f.queue->supervisor, directory_contents{.path = "."});
  REQUIRE(names);
  CHECK(names->size() == 1);
  who = f.spawn(job);
  f.w.run();
  CHECK(f.content("a") == "xxxxxxxxxx");
}

TEST_CASE("a writer keeps to its share of the time") {
  writer_fixture f;
  f.disk->delay = 3ms;
  auto share = GENERATE(20, 45, 72);
  auto mine = full_speed(1);
  mine.bandwidth_pct = share;
  auto who = f.spawn({.path = "a", .data = text(100), .profile = mine});
  f.settle();
  auto last = f.last(who);
  REQUIRE(last.chunks == 100);
  auto elapsed = *last.finished_after - *last.started_after;
  // The writer ends without the last pause.
  auto expected = 3ms * 100 * 100 / share - (3ms * 100 / share - 3ms);
  CHECK(std::abs((elapsed - expected).count()) < 100 * 1'000'000);
  CHECK(last.busy == 300ms);
}

TEST_CASE("at full speed the next chunk waits at the disk") {
  writer_fixture f;
  size_t most = 0;
  f.disk->then = [&] {
    // What is executed is not counted as pending.
    most = std::max<size_t>(most, f.disk->executed);
  };
  auto who = f.spawn({.path = "a", .data = text(8), .profile = full_speed(1)});
  f.w.run();
  CHECK(f.last(who).chunks == 8);
  CHECK(f.status().high_water == 2);
  CHECK(most == 8);
}

TEST_CASE("a failed chunk ends the writer, and says how far it got") {
  writer_fixture f;
  auto step = 0;
  f.disk->then = [&] {
    if (++step == 3)
      f.faulty->plan().fail(fs::call_kind::write, 1, ENOSPC);
  };
  auto who = f.spawn(
    {.path = "a", .offset = 0, .data = text(10), .profile = full_speed(2)});
  auto end = f.w.self->mail(await_writer{}).request(who, cafx::infinite);
  f.w.run();
  auto res = std::move(end).receive();
  REQUIRE(!res);
  auto why = failure_of(res.error());
  REQUIRE(why);
  CHECK(why->code == errc::no_space);
  CHECK(why->sys_errno == ENOSPC);
  CHECK(why->operation == "background_write");
  CHECK(why->path == "a");
  CHECK(why->done == 4);
  CHECK(why->detail == "written up to offset 4");
  CHECK(f.content("a") == "xxxx");
  CHECK(f.last(who).remaining == 6);
}

TEST_CASE("a failed writer names the offset in the file") {
  writer_fixture f;
  REQUIRE(f.w.ask(f.queue->supervisor,
                  file_write{.path = "a", .data = text(7, 'a')}));
  auto step = 0;
  f.disk->then = [&] {
    if (++step == 2)
      f.faulty->plan().fail(fs::call_kind::write, 1, ENOSPC);
  };
  auto who = f.spawn({.path = "a",
                      .mode = write_mode::append,
                      .data = text(10, 'b'),
                      .profile = full_speed(5)});
  f.w.run();
  auto why = *f.last(who).error;
  CHECK(why.done == 5);
  CHECK(why.detail == "written up to offset 12");
  CHECK(f.content("a") == "aaaaaaabbbbb");
}

TEST_CASE("written and remaining bytes add up to all data") {
  writer_fixture f;
  f.faulty->plan().limit_transfers(1);
  f.disk->then = [&] {
    f.disk->then = nullptr;
    f.faulty->plan().fail(fs::call_kind::write, 3, ENOSPC);
  };
  auto who = f.spawn({.path = "a", .data = text(10), .profile = full_speed(4)});
  f.w.run();
  auto last = f.last(who);
  REQUIRE(last.error);
  CHECK(last.written == 2);
  CHECK(last.remaining == 8);
  CHECK(last.error->done == 2);
}

TEST_CASE(
  "a writer says that a file was replaced, though its name may be lost") {
  writer_fixture f;
  REQUIRE(f.w.ask(f.queue->supervisor,
                  file_write{.path = "a", .data = buffer{"old"sv}}));
  f.faulty->plan().fail(fs::call_kind::sync_directory, 1, EIO);
  auto who = f.spawn({.path = "a",
                      .mode = write_mode::replace,
                      .data = text(3),
                      .profile = full_speed(1)});
  f.w.run();
  auto why = *f.last(who).error;
  CHECK(f.content("a") == "xxx");
  CHECK(why.code == errc::io_error);
  CHECK(why.done == 3);
  CHECK(why.detail.find("as it was") == std::string::npos);
  CHECK(why.detail.ends_with("; all of it is written"));
}

TEST_CASE("a writer that is killed at its end closes its descriptor once") {
  test::world w;
  answering_queue queue{w.system()};
  std::array<int, 2> ends{};
  REQUIRE(::pipe(ends.data()) == 0);
  auto who = spawn_writer(
    w.system(), caf::actor_cast<supervisor_internal_actor>(queue.actor),
    {.descriptor = ends[1],
     .data = text(5),
     .profile = full_speed(5),
     .close_when_finished = true,
     .open_ended = true});
  w.run();
  queue.answer(0, 5);
  w.run();
  REQUIRE(w.ask(who, cancel_writing{}));
  REQUIRE(queue.steps.size() == 2);
  CHECK(queue.steps[1].first.kind == step_kind::abandon);
  queue.steps[1].first.to->abandon();
  // Another file gets the number of the descriptor.
  REQUIRE(::dup2(ends[0], ends[1]) == ends[1]);
  w.kill(who);
  w.run();
  for (auto& [step, answer] : queue.steps)
    step.to->abandon();
  CHECK(::fcntl(ends[1], F_GETFD) != -1);
  for (auto end : ends)
    ::close(end);
}

TEST_CASE("open-ended writers accept data for which they have room") {
  settings bounds;
  bounds.max_buffered_bytes = 10;
  writer_fixture f{bounds};
  auto mine = full_speed(4);
  mine.bandwidth_pct = 10;
  f.disk->delay = 10ms;
  auto who = f.spawn({.path = "a", .profile = mine, .open_ended = true});
  f.w.run();
  CHECK(*f.w.ask(who, append_data{text(8, 'a')}) == 2);
  auto second
    = f.w.self->mail(append_data{text(8, 'b')}).request(who, cafx::infinite);
  auto third
    = f.w.self->mail(append_data{text(8, 'c')}).request(who, cafx::infinite);
  auto fourth
    = f.w.self->mail(append_data{text(8, 'd')}).request(who, cafx::infinite);
  f.settle(10ms, 300);
  CHECK(std::move(second).receive());
  CHECK(std::move(third).receive());
  auto refused = std::move(fourth).receive();
  REQUIRE(!refused);
  CHECK(f.code(refused.error()) == "queue_full");
  CHECK(!f.w.terminated(who));
  CHECK(f.w.ask(who, finish_writing{}));
  f.settle(10ms, 300);
  CHECK(f.content("a") == "aaaaaaaabbbbbbbbcccccccc");
  CHECK(f.last(who).finished);
}

TEST_CASE("data for which there was no room is accepted when there is") {
  settings bounds;
  bounds.max_buffered_bytes = 10;
  writer_fixture f{bounds};
  auto who
    = f.spawn({.path = "a", .profile = full_speed(20), .open_ended = true});
  f.w.run();
  // The first leaves no room, and is all in flight when the others come.
  for (const auto& data : {text(12, 'a'), text(9, 'b'), text(1, 'c')})
    cafx::anon_mail(append_data{data}).send(who);
  f.w.run();
  auto now = *f.w.ask(who, get_status{});
  CHECK(now.written == 22);
  CHECK(now.remaining == 0);
  CHECK(f.w.ask(who, finish_writing{}));
  CHECK(f.content("a") == "aaaaaaaaaaaabbbbbbbbbc");
}

TEST_CASE("a limited number of appends waits for room") {
  settings bounds;
  bounds.max_buffered_bytes = 1;
  writer_fixture f{bounds};
  auto who
    = f.spawn({.path = "a", .profile = full_speed(9), .open_ended = true});
  f.w.run();
  REQUIRE(f.w.ask(who, pause_writing{}));
  REQUIRE(*f.w.ask(who, append_data{text(1)}) == 0);
  for (int i = 0; i < 10'000; ++i)
    cafx::anon_mail(append_data{}).send(who);
  auto refused = f.w.ask(who, append_data{});
  REQUIRE(!refused);
  CHECK(f.code(refused.error()) == "limit_exceeded");
  CHECK(failure_of(refused.error())->detail
        == "at most 10000 append_data requests may be pending; wait for the "
           "response to each before the next");
  // The writer itself goes on.
  REQUIRE(f.w.ask(who, resume_writing{}));
  CHECK(f.w.ask(who, append_data{text(1)}));
  CHECK(f.w.ask(who, finish_writing{}));
  f.w.run();
  CHECK(f.content("a") == "xx");
}

TEST_CASE("a writer has room for a limited number of small blocks") {
  writer_fixture f;
  auto who
    = f.spawn({.path = "a", .profile = full_speed(9), .open_ended = true});
  f.w.run();
  REQUIRE(f.w.ask(who, pause_writing{}));
  for (int i = 1; i < 10'000; ++i)
    cafx::anon_mail(append_data{text(1)}).send(who);
  CHECK(*f.w.ask(who, append_data{text(1)}) == 0);
  auto waits
    = f.w.self->mail(append_data{text(1)}).request(who, cafx::infinite);
  REQUIRE(f.w.ask(who, finish_writing{}));
  CHECK((*f.w.ask(who, get_status{})).remaining == 10'001);
  REQUIRE(f.w.ask(who, resume_writing{}));
  f.w.run();
  CHECK(std::move(waits).receive());
  CHECK(f.content("a") == std::string(10'001, 'x'));
}

TEST_CASE("a limited number of requests waits for the end of a writer") {
  writer_fixture f;
  auto who
    = f.spawn({.path = "a", .profile = full_speed(9), .open_ended = true});
  for (int i = 0; i < 10'000; ++i)
    cafx::anon_mail(await_writer{}).send(who);
  auto refused = f.w.ask(who, await_writer{});
  REQUIRE(!refused);
  CHECK(f.code(refused.error()) == "limit_exceeded");
  CHECK(f.w.ask(who, finish_writing{}));
}

TEST_CASE("what a writer refuses does not end its sender, unless requested") {
  writer_fixture f;
  auto who
    = f.spawn({.path = "a", .profile = full_speed(9), .open_ended = true});
  REQUIRE(f.w.ask(who, pause_writing{}));
  REQUIRE(f.w.ask(who, append_data{text(1)}));
  REQUIRE(f.w.ask(who, finish_writing{}));
  auto tell = [&](auto what) {
    auto sender = spawn_plain_sender(f.w.system(), [&](plain_sender_self self) {
      self->mail(what).send(who);
    });
    f.w.run();
    return sender;
  };
  auto senders = std::vector{tell(set_profile{"none"}),
                             tell(append_data{text(1)}), tell(await_writer{})};
  auto end = f.w.self->mail(await_writer{}).request(who, cafx::infinite);
  REQUIRE(f.w.ask(who, cancel_writing{}));
  CHECK(!std::move(end).receive());
  for (const auto& one : senders) {
    CHECK(!f.w.terminated(one));
    f.w.kill(one);
  }
}

TEST_CASE("a full FIFO delays its own writer only") {
  writer_fixture f;
  auto fifo = f.memory->make_fifo("fifo", 4);
  fifo->open_reader();
  auto who = f.spawn({.path = "fifo",
                      .mode = write_mode::update,
                      .data = buffer{"0123456789"sv},
                      .profile = full_speed(3)});
  auto other
    = f.spawn({.path = "a", .data = text(100), .profile = full_speed(3)});
  f.w.run();
  CHECK(f.last(other).written == 100);
  CHECK((*f.w.ask(who, get_status{})).written == 3);
  std::string got;
  for (int i = 0; i < 20 && got.size() < 10; ++i) {
    got += fifo->take(2);
    f.settle(10ms, 10);
  }
  CHECK(got == "0123456789");
  CHECK(f.last(who).written == 10);
  CHECK(f.last(who).chunks == 4);
}

TEST_CASE("a writer with an invalid job fails") {
  settings bounds;
  bounds.max_writers = 1;
  writer_fixture f{bounds};
  auto why = [&](write_job job) {
    auto who = f.spawn(std::move(job));
    f.w.run();
    REQUIRE(f.w.terminated(who));
    return to_string(f.last(who).error->code) + ": "
         + f.last(who).error->detail;
  };
  CHECK(why({.path = "a", .profile = "12"})
          .find("invalid_argument: there is no "
                "profile \"12\"; there are 1,")
        == 0);
  CHECK(why({.path = "a", .profile = profile{.bandwidth_pct = 101}})
          .find("invalid_argument: bandwidth_pct must be")
        == 0);
  CHECK(why({.path = "a", .chunk_size = 0})
          .find("invalid_argument: chunk_size must be")
        == 0);
  CHECK(why({}).find("invalid_argument: there is no path") == 0);
  CHECK(why({.descriptor = 9999})
          .find("system_error: the descriptor is not open for writing")
        == 0);
  auto first = f.spawn({.path = "a", .open_ended = true});
  f.w.run();
  CHECK(why({.path = "b"}).find("limit_exceeded: max_writers is 1") == 0);
  CHECK(f.status().writers == 1);
  CHECK(f.status().writers_failed == 6);
  f.w.ask(first, cancel_writing{});
  CHECK(f.last(first).error->code == errc::cancelled);
}
