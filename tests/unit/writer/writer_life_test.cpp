// Chains of writers, their control, and their ends.
#include "catch.hpp"
#include "plain_sender.hpp"
#include "unwilling.hpp"

#include "writer_fixture.hpp"

using namespace spindle;
using namespace spindle::test;
using namespace std::literals;

TEST_CASE("one writer waits for another") {
  writer_fixture f;
  f.disk->delay = 2ms;
  auto mine = full_speed(2);
  mine.chain_wait = 10ms;
  auto a = f.spawn({.path = "a", .data = text(6, 'a'), .profile = mine});
  auto b = f.spawn({.path = "a",
                    .mode = write_mode::append,
                    .data = text(6, 'b'),
                    .profile = mine,
                    .chain_after = a});
  f.w.run();
  CHECK(!(*f.w.ask(b, get_status{})).started_writing);
  f.settle(1ms, 9);
  CHECK(!(*f.w.ask(b, get_status{})).started_writing);
  f.settle(1ms, 50);
  CHECK(f.content("a") == "aaaaaabbbbbb");
  // The one before finished long ago.
  auto c = f.spawn({.path = "a",
                    .mode = write_mode::append,
                    .data = text(2, 'c'),
                    .chain_after = a});
  f.settle(1ms, 50);
  CHECK(f.content("a") == "aaaaaabbbbbbcc");
  CHECK(!f.last(c).error);
}

TEST_CASE("a broken chain aborts, or proceeds if told to") {
  writer_fixture f;
  auto how = GENERATE(0, 1, 2, 3);
  CAPTURE(how);
  auto a = f.spawn({.path = how == 0 ? "no/a" : "a",
                    .data = text(6, 'a'),
                    .profile = full_speed(2),
                    .open_ended = true});
  if (how == 0) {
    // Fails before the others are spawned.
    f.w.run();
    CHECK(f.last(a).error->code == errc::not_found);
  }
  auto b = f.spawn({.path = "b", .data = text(3), .chain_after = a});
  auto c = f.spawn({.path = "c",
                    .data = text(3),
                    .chain_after = a,
                    .chain_on_error = chain_policy::proceed});
  auto d = f.spawn({.path = "d", .data = text(3), .chain_after = b});
  f.w.run();
  if (how == 1)
    f.w.ask(a, cancel_writing{});
  else if (how == 2)
    f.w.kill(a);
  else if (how == 3) {
    f.faulty->plan().fail(fs::call_kind::write, 1, ENOSPC);
    f.w.ask(a, append_data{text(1)});
  }
  f.settle(1ms, 50);
  CHECK(f.last(b).error->code == errc::chain_broken);
  CHECK(f.content("b") == "<not_found>");
  CHECK(!f.last(c).error);
  CHECK(f.content("c") == "xxx");
  CHECK(f.last(d).error->code == errc::chain_broken);
  // Both failures name the first cause.
  auto direct = *f.last(b).error;
  auto indirect = *f.last(d).error;
  CHECK(direct.links == 0);
  CHECK(indirect.links == 1);
  auto cause = to_string(*f.last(a).error);
  CHECK(direct.detail == "the predecessor failed: " + cause);
  CHECK(indirect.detail
        == "a predecessor failed, with 1 writer in between: " + cause);
}

TEST_CASE("the failure of a long chain names the first cause once") {
  writer_fixture f;
  auto mine = full_speed(100);
  mine.chain_wait = 0ns;
  auto first = f.spawn({.path = "no/a", .data = text(1), .profile = mine});
  auto last = first;
  constexpr int count = 3'000;
  std::vector<writer_internal_actor> all;
  for (int i = 0; i < count; ++i)
    all.push_back(last = f.spawn({.path = "a" + std::to_string(i),
                                  .data = text(1),
                                  .profile = mine,
                                  .chain_after = last}));
  f.settle(1ms, 10);
  REQUIRE(f.w.terminated(last));
  auto cause = to_string(*f.last(first).error);
  auto why = *f.last(last).error;
  CHECK(why.code == errc::chain_broken);
  CHECK(why.links == count - 1);
  CHECK(why.detail
        == "a predecessor failed, with 2999 writers in between: " + cause);
}

TEST_CASE("writers that are not remembered count as what they ended with") {
  settings bounds;
  bounds.max_remembered_writers = 0;
  writer_fixture f{bounds};
  auto who = f.spawn({.path = "a", .data = text(9), .profile = full_speed(2)});
  f.spawn({.path = "b", .data = text(9), .chain_after = who});
  auto killed = f.spawn({.path = "c", .open_ended = true});
  f.settle(1ms, 50);
  CHECK(f.content("a") == std::string(9, 'x'));
  CHECK(f.content("b") == std::string(9, 'x'));
  CHECK(f.status().writers_succeeded == 2);
  CHECK(f.status().writers_failed == 0);
  f.w.kill(killed);
  CHECK(f.status().writers_failed == 1);
}

TEST_CASE("a paused writer writes nothing until it is resumed") {
  writer_fixture f;
  f.disk->delay = 1ms;
  auto mine = full_speed(1);
  mine.bandwidth_pct = 50;
  auto who = f.spawn({.path = "a", .data = text(20), .profile = mine});
  f.settle(1ms, 4);
  REQUIRE(f.w.ask(who, pause_writing{}));
  f.settle(1ms, 10);
  auto before = *f.w.ask(who, get_status{});
  f.settle(1ms, 500);
  auto after = *f.w.ask(who, get_status{});
  CHECK(before.paused);
  CHECK(before.written > 0);
  CHECK(after.written == before.written);
  REQUIRE(f.w.ask(who, resume_writing{}));
  f.settle(1ms, 100);
  CHECK(f.last(who).written == 20);
}

TEST_CASE("another profile applies to the next chunk") {
  writer_fixture f;
  f.disk->delay = 1ms;
  auto slow = full_speed(1);
  slow.bandwidth_pct = 1;
  auto who = f.spawn({.path = "a", .data = text(50), .profile = slow});
  f.settle(1ms, 20);
  CHECK((*f.w.ask(who, get_status{})).written == 1);
  auto wrong = f.w.ask(who, set_profile{"nonsense"});
  REQUIRE(!wrong);
  CHECK(
    failure_of(wrong.error())->detail.find("there is no profile \"nonsense\"")
    == 0);
  REQUIRE(f.w.ask(who, set_profile{full_speed(7)}));
  f.settle(1ms, 20);
  CHECK(f.content("a") == std::string(50, 'x'));
  CHECK(f.last(who).chunks == 8);
}

TEST_CASE("changed profiles reach running writers, unless one is invalid") {
  writer_fixture f;
  f.disk->delay = 1ms;
  auto slow = full_speed(1);
  slow.name = "mine";
  slow.bandwidth_pct = 1;
  REQUIRE(f.w.ask(f.queue->supervisor, set_profiles{{slow}}));
  auto who = f.spawn({.path = "a", .data = text(50), .profile = "mine"});
  f.settle(1ms, 20);
  auto fast = slow;
  fast.bandwidth_pct = 100;
  auto faulty = fast;
  faulty.name = "other";
  faulty.chunk_size = 0;
  auto refused = f.w.ask(f.queue->supervisor, set_profiles{{fast, faulty}});
  REQUIRE(!refused);
  CHECK(failure_of(refused.error())->detail.find("profile \"other\"") == 0);
  f.settle(1ms, 20);
  CHECK((*f.w.ask(who, get_status{})).written == 1);
  REQUIRE(f.w.ask(f.queue->supervisor, set_profiles{{fast}}));
  f.settle(1ms, 60);
  CHECK(f.last(who).written == 50);
}

TEST_CASE("a max_profile that changes reduces what a running writer does") {
  writer_fixture f;
  f.disk->delay = 1ms;
  auto slow = full_speed(4);
  slow.bandwidth_pct = 10;
  auto who = f.spawn({.path = "a", .data = text(100), .profile = slow});
  f.settle(1ms, 15);
  CHECK(f.disk->sizes == std::vector<size_t>{4, 4});
  auto most = full_speed(1);
  most.bandwidth_pct = 1;
  REQUIRE(f.w.ask(who, terms_changed{most}));
  f.settle(1ms, 200);
  auto some = f.disk->sizes;
  CHECK(some.size() > 2);
  CHECK(some.size() < 6);
  for (size_t i = 2; i < some.size(); ++i)
    CHECK(some[i] == 1);
  // Without a limit, the profile is as the queue has it.
  REQUIRE(f.w.ask(who, terms_changed{}));
  f.settle(1ms, 500);
  CHECK(f.last(who).written == 100);
  CHECK(f.disk->sizes[some.size()] == 4);
}

TEST_CASE("blocks that are chunks are cut if a max_profile is set") {
  writer_fixture f;
  f.disk->delay = 1ms;
  auto slow = full_speed(9);
  slow.bandwidth_pct = 10;
  write_job job{
    .path = "a", .data = {text(4), text(4), text(4)}, .profile = slow};
  auto is_set_before = GENERATE(false, true);
  CAPTURE(is_set_before);
  auto most = full_speed(9);
  most.chunk_size = 3;
  writer_terms terms;
  if (is_set_before) {
    job.profile = most;
    terms.max_profile = most;
  }
  auto who = spawn_writer(f.w.system(), f.queue->supervisor, job, terms);
  f.settle(1ms, 5);
  if (!is_set_before)
    REQUIRE(f.w.ask(who, terms_changed{most}));
  f.settle(1ms, 100);
  CHECK(f.last(who).written == 12);
  auto first
    = is_set_before ? std::vector<size_t>{3, 1} : std::vector<size_t>{4};
  first.insert(first.end(), {3, 1, 3, 1});
  CHECK(f.disk->sizes == first);
}

TEST_CASE("a writer does not follow a profile that it may not use") {
  writer_fixture f;
  f.disk->delay = 1ms;
  auto slow = full_speed(1);
  slow.name = "slow";
  slow.bandwidth_pct = 1;
  auto fast = full_speed(1);
  fast.name = "fast";
  REQUIRE(f.w.ask(f.queue->supervisor, set_profiles{{slow, fast}}));
  auto most = full_speed(1);
  most.bandwidth_pct = 50;
  auto who = spawn_writer(f.w.system(), f.queue->supervisor,
                          {.path = "a", .data = text(99), .profile = "slow"},
                          {.path_prefix = "data:", .max_profile = most});
  f.settle(1ms, 20);
  auto refused = f.w.ask(who, set_profile{"fast"});
  REQUIRE(!refused);
  auto why = failure_of(refused.error());
  REQUIRE(why);
  CHECK(why->code == errc::limit_exceeded);
  CHECK(why->path == "data:a");
  CHECK(why->detail
        == "max_profile is \"full\": bandwidth_pct is 100, at most 50 is "
           "allowed");
  fast.bandwidth_pct = 40;
  REQUIRE(f.w.ask(f.queue->supervisor, set_profiles{{slow, fast}}));
  f.settle(1ms, 20);
  CHECK((*f.w.ask(who, get_status{})).written == 1);
  // What its own profile becomes is reduced to what it may use.
  slow.bandwidth_pct = 100;
  REQUIRE(f.w.ask(f.queue->supervisor, set_profiles{{slow, fast}}));
  f.settle(1ms, 20);
  auto now = *f.w.ask(who, get_status{});
  CHECK(now.written > 10);
  CHECK(now.written < 30);
}

TEST_CASE("subscribers get the status at the beginning and at the end") {
  writer_fixture f;
  std::vector<writer_status> heard;
  subscriber_state::heard = &heard;
  f.disk->delay = 1ms;
  auto who = f.spawn({.path = "a", .data = text(50), .profile = full_speed(1)});
  auto subscriber = f.w.system().spawn<cafx::actor_of<subscriber_state>>();
  f.w.ask(who, subscribe_progress{subscriber, 10ms});
  f.w.run();
  REQUIRE(heard.size() > 2);
  CHECK(heard.size() < 10);
  CHECK(heard.back().finished);
  CHECK(heard.back().written == 50);
  for (size_t i = 1; i < heard.size(); ++i)
    CHECK(heard[i].written >= heard[i - 1].written);
  f.w.kill(subscriber);
}

TEST_CASE("the number of subscribers is limited, and each has its interval") {
  writer_fixture f;
  std::vector<writer_status> heard;
  subscriber_state::heard = &heard;
  auto who
    = f.spawn({.path = "a", .profile = full_speed(1), .open_ended = true});
  std::vector<progress_receiver> subscribers;
  for (int i = 0; i < 100; ++i)
    subscribers.push_back(
      f.w.system().spawn<cafx::actor_of<subscriber_state>>());
  for (const auto& one : subscribers)
    CHECK(f.w.ask(who, subscribe_progress{one, 1s}));
  // One that subscribes again does not count.
  CHECK(f.w.ask(who, subscribe_progress{subscribers.front(), 0s}));
  auto late = f.w.system().spawn<cafx::actor_of<subscriber_state>>();
  auto refused = f.w.ask(who, subscribe_progress{late, 1s});
  REQUIRE(!refused);
  CHECK(f.code(refused.error()) == "limit_exceeded");
  // That it is refused does not end a sender that has not requested it.
  auto sender = spawn_plain_sender(f.w.system(), [&](plain_sender_self self) {
    self->mail(subscribe_progress{late, 1s}).send(who);
  });
  f.w.run();
  CHECK(!f.w.terminated(sender));
  f.w.kill(sender);
  heard.clear();
  f.disk->delay = 1ms;
  // 50 ms at the disk: the first subscriber gets a message each 10 ms, the
  // least interval, and the others none.
  for (int i = 0; i < 50; ++i)
    f.w.ask(who, append_data{text(1)});
  CHECK(heard.size() > 2);
  CHECK(heard.size() < 10);
  f.w.ask(who, finish_writing{});
  f.w.run();
  subscribers.push_back(late);
  for (const auto& one : subscribers)
    f.w.kill(one);
}

TEST_CASE("a subscriber that answers with an error does not stop a writer") {
  writer_fixture f;
  auto throws = GENERATE(false, true);
  f.disk->delay = 1ms;
  auto who = f.spawn({.path = "a", .data = text(50), .profile = full_speed(1)});
  auto subscriber
    = spawn_unwilling<progress_receiver, writer_status>(f.w.system(), throws);
  f.w.ask(who, subscribe_progress{subscriber, 10ms});
  f.w.run();
  CHECK(f.last(who).written == 50);
  CHECK(!f.last(who).error);
  f.w.kill(subscriber);
}

TEST_CASE("a writer that the queue does not know cannot be recalled") {
  writer_fixture f;
  auto res = f.w.ask(f.queue->supervisor, recall_writer{});
  REQUIRE(!res);
  CHECK(f.code(res.error()) == "not_found");
}

TEST_CASE("the supervisor spawns a writer on request") {
  writer_fixture f;
  auto who
    = f.w.ask(f.queue->supervisor, write_job{.path = "a", .data = text(3)});
  REQUIRE(who);
  f.w.run();
  CHECK(f.content("a") == "xxx");
}

TEST_CASE("shutdown lets writers finish, also paused and chained ones") {
  writer_fixture f;
  f.disk->delay = 1ms;
  auto half = full_speed(1);
  half.bandwidth_pct = 50;
  half.chain_wait = 5ms;
  auto open = f.spawn(
    {.path = "a", .data = text(9), .profile = half, .open_ended = true});
  auto rests = f.spawn({.path = "b", .data = text(9), .profile = half});
  auto waits = f.spawn(
    {.path = "c", .data = text(9), .profile = half, .chain_after = open});
  f.w.run();
  f.w.ask(rests, pause_writing{});
  auto end
    = f.w.self->mail(shutdown{}).request(f.queue->supervisor, cafx::infinite);
  auto late = f.spawn({.path = "d", .data = text(9)});
  f.settle(1ms, 200);
  auto report = std::move(end).receive();
  REQUIRE(report);
  CHECK(report->undone.empty());
  CHECK(report->totals.writers == 0);
  CHECK(report->totals.writers_succeeded == 3);
  CHECK(report->totals.writers_failed == 1);
  CHECK(report->totals.bytes_written == 27);
  CHECK(f.w.terminated(f.queue->supervisor));
  CHECK(f.w.terminated(late));
}

TEST_CASE("a writer is known to its queue as soon as it is spawned") {
  writer_fixture f;
  auto who = f.spawn({.path = "a", .data = text(9)});
  auto how
    = f.w.self->mail(recall_writer{who}).request(f.queue->supervisor, 1h);
  auto end = f.w.self->mail(shutdown{}).request(f.queue->supervisor, 1h);
  f.w.run();
  CHECK(std::move(how).receive());
  auto report = std::move(end).receive();
  REQUIRE(report);
  CHECK(report->totals.writers_succeeded == 1);
  CHECK(report->totals.bytes_written == 9);
}

TEST_CASE("a writer does nothing before it is registered, and counts once") {
  settings bounds;
  bounds.max_remembered_writers = 0;
  writer_fixture f{bounds};
  write_job job{.path = "a", .data = text(4), .profile = full_speed(4)};
  // What `spawn_writer` does, but the writer has all the time that it needs to
  // come to its end before it is registered.
  auto who = f.w.system().spawn<cafx::actor_of<writer_state>>(
    f.queue->supervisor, job, writer_terms{});
  f.w.run();
  CHECK(f.status().writers_succeeded == 0);
  cafx::anon_mail(
    registration_of(caf::actor_cast<caf::strong_actor_ptr>(who), job, {}))
    .send(f.queue->supervisor);
  cafx::anon_mail(writer_announced{}).send(who);
  f.w.run();
  CHECK(f.content("a") == "xxxx");
  auto now = f.status();
  CHECK(now.writers == 0);
  CHECK(now.writers_succeeded == 1);
  CHECK(now.writers_failed == 0);
}

TEST_CASE("a writer that was requested before a shutdown writes all") {
  writer_fixture f;
  auto job = write_job{.path = "a", .data = text(9)};
  auto who = f.w.self->mail(job).request(f.queue->supervisor, 1h);
  auto end = f.w.self->mail(shutdown{}).request(f.queue->supervisor, 1h);
  f.w.run();
  CHECK(std::move(who).receive());
  auto report = std::move(end).receive();
  REQUIRE(report);
  CHECK(report->totals.writers_succeeded == 1);
  CHECK(report->totals.writers_failed == 0);
  CHECK(report->totals.bytes_written == 9);
}

TEST_CASE("a shutdown with a deadline lists the writers that did not finish") {
  writer_fixture f;
  f.disk->delay = 1ms;
  auto slow = full_speed(1);
  slow.bandwidth_pct = 1;
  auto who = f.spawn({.path = "a", .data = text(99), .profile = slow});
  auto after = f.spawn({.path = "b", .data = text(9), .chain_after = who});
  f.w.run();
  auto end = f.w.self->mail(shutdown{50ms})
               .request(f.queue->supervisor, cafx::infinite);
  auto last = f.w.self->mail(await_writer{}).request(who, cafx::infinite);
  f.settle(1ms, 100);
  auto report = std::move(end).receive();
  REQUIRE(report);
  REQUIRE(report->undone.size() == 2);
  CHECK(report->undone[0].operation == "background_write");
  CHECK(report->undone[0].path == "a");
  auto res = std::move(last).receive();
  REQUIRE(!res);
  CHECK(f.code(res.error()) == "timed_out");
  CHECK(f.w.terminated(after));
  CHECK(f.w.terminated(f.queue->supervisor));
}

TEST_CASE(
  "a shutdown at once does not finish a writer that expects more data") {
  writer_fixture f;
  auto who
    = f.spawn({.path = "a", .mode = write_mode::replace, .open_ended = true});
  REQUIRE(f.w.ask(who, append_data{text(9)}));
  f.w.run();
  auto end
    = f.w.self->mail(shutdown{0s}).request(f.queue->supervisor, cafx::infinite);
  auto last = f.w.self->mail(await_writer{}).request(who, cafx::infinite);
  f.settle(1ms, 10);
  auto report = std::move(end).receive();
  REQUIRE(report);
  REQUIRE(report->undone.size() == 1);
  CHECK(report->undone[0].path == "a");
  auto res = std::move(last).receive();
  REQUIRE(!res);
  CHECK(f.code(res.error()) == "timed_out");
  CHECK(!f.memory->read_file("a"));
  CHECK(f.w.terminated(f.queue->supervisor));
}

TEST_CASE("writers do not hang when their queue is killed") {
  writer_fixture f;
  f.disk->delay = 1ms;
  auto slow = full_speed(1);
  slow.bandwidth_pct = 1;
  auto who = f.spawn({.path = "a", .data = text(99), .profile = slow});
  auto after = f.spawn({.path = "b", .data = text(9), .chain_after = who});
  f.settle(1ms, 10);
  f.w.kill(f.queue->supervisor);
  f.settle(1ms, 200);
  CHECK(f.w.terminated(who));
  CHECK(f.w.terminated(after));
}

TEST_CASE("a writer whose disk actor dies ends with an error") {
  writer_fixture f;
  auto who = writer_internal_actor{};
  f.disk->then = [&] {
    f.disk->then = nullptr;
    for (auto& one : f.queue->disks)
      caf::anon_send_exit(one, caf::exit_reason::kill);
  };
  who = f.spawn({.path = "a", .data = text(9), .profile = full_speed(1)});
  f.settle(1ms, 20);
  // It depends on the order of messages whether they had a step then.
  REQUIRE(f.w.terminated(who));
  auto last = f.last(who);
  if (last.error)
    CHECK(last.error->code == errc::disk_actor_failed);
  else
    CHECK(last.written == 9);
  CHECK(f.w.ask(f.queue->supervisor, file_exists{.path = "a"}));
}

TEST_CASE("a chain of ten thousand writers keeps its order") {
  writer_fixture f;
  auto mine = full_speed(100);
  mine.chain_wait = 0ns;
  std::string expected;
  writer_internal_actor last;
  for (int i = 0; i < 10'000; ++i) {
    auto number = std::to_string(i) + ' ';
    expected += number;
    last = f.spawn({.path = "a",
                    .mode = write_mode::append,
                    .data = buffer{number},
                    .profile = mine,
                    .chain_after = last});
  }
  for (int i = 0; i < 100 && !f.w.terminated(last); ++i)
    f.settle(1ms, 1000);
  CHECK(f.content("a") == expected);
  CHECK(f.status().writers == 0);
  CHECK(f.status().writers_succeeded == 10'000);
}
