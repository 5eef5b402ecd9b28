#include "catch.hpp"

#include "world.hpp"

#include "spindle/fs/faulty_vfs.hpp"
#include "spindle/fs/memory_vfs.hpp"
#include "spindle/writer.hpp"

using namespace spindle;
using namespace std::literals;

// Writers in virtual time, on a disk in memory.

namespace {

/// Lets each step at the disk take some time, and notes them.
class slow_disk : public turn_observer {
public:
  explicit slow_disk(test::world& w) : world_(w) {}

  void on_taken(uint64_t) override {}

  void on_passed(uint64_t) override {}

  void on_execute(uint64_t, const job& what) override {
    ++executed;
    if (auto* step = std::get_if<stream_step>(&what.what))
      sizes.push_back(step->chunk.size());
    if (delay > 0ns)
      world_.pass_time(delay);
    if (then)
      then();
  }

  caf::timespan delay{0};
  size_t executed = 0;
  std::vector<size_t> sizes;
  std::function<void()> then;

private:
  test::world& world_;
};

struct listener_state {
  static inline std::vector<writer_status>* heard = nullptr;

  explicit listener_state(cafx::self_ptr<progress_receiver>) {}

  progress_receiver::behavior_type make_behavior() {
    return {
      [](const writer_status& x) -> caf::result<void> {
        heard->push_back(x);
        return caf::unit;
      },
    };
  }
};

struct writer_fixture {
  explicit writer_fixture(settings bounds = {}) {
    bounds.disk = faulty;
    queue = test::spawn_bare_queue(w.system(), bounds, disk);
    w.run();
  }

  // Actors that keep each other would stay.
  ~writer_fixture() {
    w.kill(queue->supervisor);
  }

  writer_internal_actor spawn(write_job job) {
    return spawn_writer(w.system(), queue->supervisor, std::move(job));
  }

  /// Lets time pass until nothing happens any more.
  void settle(caf::timespan step = 1ms, int steps = 2000) {
    for (int i = 0; i < steps; ++i)
      w.advance(step);
  }

  std::string content(const std::string& path) {
    auto res = w.ask(queue->supervisor, file_read{.path = path});
    return res ? std::string{res->text()} : "<" + code(res.error()) + ">";
  }

  static std::string code(const caf::error& x) {
    auto why = failure_of(x);
    return why ? to_string(why->code) : "other";
  }

  /// Returns how a writer ended; it must have.
  writer_status last(const writer_internal_actor& who) {
    auto res = w.ask(queue->supervisor, recall_writer{who});
    REQUIRE(res);
    return *res;
  }

  queue_status status() {
    return *w.ask(queue->supervisor, get_status{});
  }

  test::world w;
  std::shared_ptr<fs::memory_vfs> memory = std::make_shared<fs::memory_vfs>();
  std::shared_ptr<fs::faulty_vfs> faulty
    = std::make_shared<fs::faulty_vfs>(memory);
  std::shared_ptr<slow_disk> disk = std::make_shared<slow_disk>(w);
  std::shared_ptr<test::bare_queue> queue;
};

/// Stands for a queue whose answers overtake each other, as those of two disk
/// actors may: the test gives them.
struct answering_queue {
  // Not a function: CAF 0.17 makes a reference of a null pointer for its
  // arguments, if it has none.
  class answerer : public caf::event_based_actor {
  public:
    answerer(caf::actor_config& cfg, answering_queue* all)
        : caf::event_based_actor(cfg), all_(all) {}

    caf::behavior make_behavior() override {
      return {
        [](const enlist& x) {
          return enlisted{*x.choice.own, nullptr, 0};
        },
        [this](const stream_step& x) {
          all_->steps.push_back({x, make_response_promise()});
          return all_->steps.back().second;
        },
        [](const writer_ended&) {},
        [this](uint64_t i, uint64_t written) {
          all_->steps[i].second.deliver(step_result{written});
        },
      };
    }

  private:
    answering_queue* all_;
  };

  explicit answering_queue(caf::actor_system& sys)
      : actor(sys.spawn<answerer>(this)) {}

  ~answering_queue() {
    caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
  }

  /// Answers the `i`th step.
  void answer(uint64_t i, uint64_t written) {
    cafx::anon_mail(i, written).send(actor);
  }

  caf::actor actor;
  std::vector<std::pair<stream_step, caf::response_promise>> steps;
};

profile full_speed(uint64_t chunk) {
  return {.name = "full", .chunk_size = chunk};
}

buffer text(size_t n, char c = 'x') {
  return buffer{std::string(n, c)};
}

} // namespace

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

TEST_CASE("answers that overtake each other are told apart") {
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

TEST_CASE("modes mean what they mean to file_write") {
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

TEST_CASE("a replaced file appears when all is written, or not at all") {
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
  // The last pause is not waited for.
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
    // Fails before the others are there.
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
    f.faulty->fail(fs::call_kind::write, 1, ENOSPC);
    f.w.ask(a, append_data{text(1)});
  }
  f.settle(1ms, 50);
  CHECK(f.last(b).error->code == errc::chain_broken);
  CHECK(f.content("b") == "<not_found>");
  CHECK(!f.last(c).error);
  CHECK(f.content("c") == "xxx");
  CHECK(f.last(d).error->code == errc::chain_broken);
  CHECK(f.last(d).error->detail.find("the writer before") == 0);
}

TEST_CASE("a failed chunk ends the writer, and says how far it got") {
  writer_fixture f;
  auto step = 0;
  f.disk->then = [&] {
    if (++step == 3)
      f.faulty->fail(fs::call_kind::write, 1, ENOSPC);
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

TEST_CASE("open-ended writers take data for which they have room") {
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

TEST_CASE("a paused writer rests until it is resumed") {
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

TEST_CASE("another profile holds from the next chunk on") {
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

TEST_CASE("changed profiles reach writers at work, and faulty ones nobody") {
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

TEST_CASE("subscribers hear of the beginning and of the end") {
  writer_fixture f;
  std::vector<writer_status> heard;
  listener_state::heard = &heard;
  f.disk->delay = 1ms;
  auto who = f.spawn({.path = "a", .data = text(50), .profile = full_speed(1)});
  auto listener = f.w.system().spawn<cafx::actor_of<listener_state>>();
  f.w.ask(who, subscribe_progress{listener, 10ms});
  f.w.run();
  REQUIRE(heard.size() > 2);
  CHECK(heard.size() < 10);
  CHECK(heard.back().finished);
  CHECK(heard.back().written == 50);
  for (size_t i = 1; i < heard.size(); ++i)
    CHECK(heard[i].written >= heard[i - 1].written);
  f.w.kill(listener);
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

TEST_CASE("a job that nobody could do ends with an error") {
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
  CHECK(why({.descriptor = 9999}).find("system_error: it cannot be written")
        == 0);
  auto first = f.spawn({.path = "a", .open_ended = true});
  f.w.run();
  CHECK(why({.path = "b"}).find("limit_exceeded: max_writers is 1") == 0);
  CHECK(f.status().writers == 1);
  CHECK(f.status().writers_failed == 6);
  f.w.ask(first, cancel_writing{});
  CHECK(f.last(first).error->code == errc::cancelled);
}

TEST_CASE("nobody is asked about a writer that the queue does not know") {
  writer_fixture f;
  auto res = f.w.ask(f.queue->supervisor, recall_writer{});
  REQUIRE(!res);
  CHECK(f.code(res.error()) == "not_found");
}

TEST_CASE("the supervisor spawns writers for those who cannot") {
  writer_fixture f;
  auto who
    = f.w.ask(f.queue->supervisor, write_job{.path = "a", .data = text(3)});
  REQUIRE(who);
  f.w.run();
  CHECK(f.content("a") == "xxx");
}

TEST_CASE("shutdown lets writers finish, also those that rest or wait") {
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
  CHECK(report->totals.writers_finished == 3);
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
  CHECK(report->totals.writers_finished == 1);
  CHECK(report->totals.bytes_written == 9);
}

TEST_CASE("a shutdown with a deadline names the writers that it gave up") {
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
  // The chunk that was done was answered; one that waited was lost.
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
  CHECK(f.status().writers_finished == 10'000);
}
