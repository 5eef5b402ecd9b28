#include "catch.hpp"
#include "held_disk.hpp"
#include "patience.hpp"
#include "temp_dir.hpp"

#include "spindle/client.hpp"
#include "spindle/fs/memory/memory_vfs.hpp"
#include "spindle/fs/posix/posix_vfs.hpp"
#include "spindle/fs/testing/faulty_vfs.hpp"

#include <atomic>
#include <cstring>
#include <fstream>
#include <future>
#include <string_view>
#include <thread>
#include <utility>

using namespace spindle;
using namespace std::literals;

// Queues with real threads on a real disk.

namespace {

struct queue_fixture {
  explicit queue_fixture(settings bounds = {}) : q(spawn_queue(sys, bounds)) {}

  std::string path(const std::string& name) const {
    return dir.path() + "/" + name;
  }

  kit::temp_dir dir;
  configured<> cfg;
  caf::actor_system sys{cfg};
  queue q;
};

errc code_of(const caf::error& x) {
  auto why = failure_of(x);
  return why ? why->code : errc::none;
}

/// A queue on a disk in memory that stops at the second file of "tree" when
/// that is removed.
struct held_fixture {
  static fs::vfs_ptr make_tree() {
    auto res = std::make_shared<fs::memory_vfs>();
    REQUIRE(res->make_directory(res->start(), "tree", 0700));
    res->write_file("tree/a", "text");
    res->write_file("tree/b", "text");
    return res;
  }

  ~held_fixture() {
    release();
  }

  void release() {
    if (!std::exchange(released, true))
      held.release();
  }

  kit::held_disk held{make_tree(), fs::call_kind::remove_file, 2};
  bool released = false;
  queue_fixture of{{.disk = held.disk()}};
};

/// Passes on what it is told.
struct progress_listener_state {
  using function = std::function<void(const operation_progress&)>;

  progress_listener_state(cafx::self_ptr<operation_progress_receiver>,
                          function on_told, std::shared_ptr<void> owned)
      : on_told(std::move(on_told)), owned(std::move(owned)) {}

  operation_progress_receiver::behavior_type make_behavior() {
    return {
      [this](const operation_progress& x) -> caf::result<void> {
        on_told(x);
        return caf::unit;
      },
    };
  }

  function on_told;
  /// Released when this actor is gone.
  std::shared_ptr<void> owned;
};

} // namespace

TEST_CASE("a plain thread has operations done") {
  settings bounds;
  bounds.detach_all = GENERATE(false, true);
  queue_fixture f{bounds};
  client c{f.q};
  REQUIRE(c.run(file_write{.path = f.path("a"), .data = buffer{"hello"}}));
  CHECK(c.run(file_read{.path = f.path("a")})->text() == "hello");
  auto res = c.run(file_read{.path = f.path("b")});
  REQUIRE(!res);
  CHECK(code_of(res.error()) == errc::not_found);
  CHECK(c.run(oplist{}.add(file_delete{.path = f.path("a")}))->failed() == 0);
  CHECK(c.status()->succeeded == 3);
  auto last = c.shutdown();
  REQUIRE(last);
  CHECK(last->totals.succeeded == 3);
  auto late = c.run(file_exists{.path = f.path("a")});
  REQUIRE(!late);
  CHECK(code_of(late.error()) == errc::shut_down);
  auto not_queued = c.submit(file_exists{.path = f.path("a")},
                             [](const outcome&) { FAIL("it was refused"); });
  REQUIRE(!not_queued);
  CHECK(code_of(not_queued.error()) == errc::shut_down);
  CHECK(failure_of(not_queued.error())->path == f.path("a"));
}

TEST_CASE("a plain thread has several operations under way") {
  queue_fixture f;
  client c{f.q};
  auto write = c.start(file_write{.path = f.path("a"), .data = buffer{"ab"}});
  auto first = c.start(file_read{.path = f.path("a"), .length = 1});
  auto second = c.start(file_read{.path = f.path("a"), .offset = 1});
  auto missing = c.start(file_read{.path = f.path("b")});
  // Another call does not get their answers, nor must they be taken in order.
  CHECK(c.run(file_exists{.path = f.path("a")}) == true);
  auto why = missing();
  REQUIRE(!why);
  CHECK(failure_of(why.error())->path == f.path("b"));
  CHECK(second()->text() == "b");
  CHECK(write());
  CHECK(first()->text() == "a");
}

TEST_CASE("a queue reads a directory once for all pages of a walk") {
  auto disk
    = std::make_shared<fs::faulty_vfs>(std::make_shared<fs::memory_vfs>());
  settings bounds;
  bounds.disk = disk;
  queue_fixture f{bounds};
  client c{f.q};
  constexpr size_t count = 100;
  for (size_t i = 0; i < count; ++i)
    REQUIRE(c.run(file_create{.path = std::to_string(i)}));
  REQUIRE(c.run(directory_contents{.path = "."}));
  auto once = disk->plan().calls(fs::call_kind::list);
  directory_walk op{.path = ".", .limit = 1};
  size_t found = 0;
  do {
    auto page = c.run(op);
    REQUIRE(page);
    found += page->entries.size();
    op.after = page->next;
  } while (!op.after.empty());
  CHECK(found == count);
  CHECK(disk->plan().calls(fs::call_kind::list) == 2 * once);
}

TEST_CASE("a call that takes too long ends with timed_out") {
  settings bounds;
  auto slow
    = std::make_shared<fs::faulty_vfs>(std::make_shared<fs::posix_vfs>());
  std::promise<void> release;
  auto released = release.get_future().share();
  slow->plan().observe([released](auto, auto&) { released.wait(); });
  bounds.disk = slow;
  queue_fixture f{bounds};
  client c{f.q, 10ms};
  auto res = c.run(file_exists{.path = f.path("a")});
  REQUIRE(!res);
  CHECK(code_of(res.error()) == errc::timed_out);
  CHECK(failure_of(res.error())->path == f.path("a"));
  release.set_value();
}

TEST_CASE("an operation says how far it is while it is at the disk") {
  auto memory = std::make_shared<fs::memory_vfs>();
  for (auto name : {"a", "b", "c"}) {
    REQUIRE(memory->make_directory(memory->start(), name, 0700));
    memory->write_file(name + "/file"s, "text");
  }
  // The list is held when it is about to remove its second file.
  kit::held_disk held{memory, fs::call_kind::remove_file, 2};
  queue_fixture f{{.disk = held.disk()}};
  client c{f.q};
  std::promise<void> first_done, second_done;
  auto list = oplist{}
                .add(directory_delete{.path = "a"})
                .add(directory_delete{.path = "b"});
  auto first
    = c.submit(list, [&](const oplist_report&) { first_done.set_value(); });
  held.wait();
  auto second = c.submit(directory_delete{.path = "c"},
                         [&](const outcome&) { second_done.set_value(); });
  auto now = c.progress(*first);
  REQUIRE(now);
  // How often it is noted depends on the time.
  CHECK(now->path.starts_with("b"));
  now->path = "b";
  CHECK(*now
        == operation_progress{.ticket = *first,
                              .operation = "oplist",
                              .started = true,
                              .entries = 2,
                              .path = "b"});
  auto later = c.progress(*second);
  REQUIRE(later);
  CHECK(
    *later
    == operation_progress{.ticket = *second, .operation = "directory_delete"});
  held.release();
  first_done.get_future().wait();
  second_done.get_future().wait();
  for (auto which : {*first, *second, ticket{1000}}) {
    auto gone = c.progress(which);
    REQUIRE(!gone);
    CHECK(code_of(gone.error()) == errc::not_found);
    CHECK(failure_of(gone.error())->operation == "get_progress");
  }
}

TEST_CASE("a receiver is told how far an operation is until it is done") {
  held_fixture f;
  client c{f.of.q};
  std::promise<void> done, gone;
  auto which = c.submit(directory_delete{.path = "tree"},
                        [&](const outcome&) { done.set_value(); });
  REQUIRE(which);
  f.held.wait();
  std::promise<operation_progress> first;
  auto on_told = [&, told = false](const operation_progress& now) mutable {
    if (!std::exchange(told, true))
      first.set_value(now);
  };
  std::shared_ptr<void> alive{nullptr, [&](void*) { gone.set_value(); }};
  // The watch alone keeps the receiver.
  f.of.q.watch(*which,
               f.of.sys.spawn<cafx::actor_of<progress_listener_state>>(
                 on_told, std::move(alive)),
               1ms);
  auto now = first.get_future().get();
  CHECK(now.ticket == *which);
  CHECK(now.operation == "directory_delete");
  CHECK(now.started);
  CHECK(now.entries == 1);
  f.release();
  done.get_future().wait();
  CHECK(gone.get_future().wait_for(kit::patience) == std::future_status::ready);
}

TEST_CASE("an operation is watched at an interval greater than 0") {
  queue_fixture f;
  client c{f.q};
  CHECK_THROWS_AS(f.q.watch(ticket{1}, {}, 0ms), std::invalid_argument);
  CHECK_THROWS_AS(f.q.watch(ticket{1}, {}, -1ms), std::invalid_argument);
  auto ignore = [](const operation_progress&) {};
  CHECK_THROWS_AS(c.run(file_exists{.path = f.path("a")}, ignore, 0ms),
                  std::invalid_argument);
}

TEST_CASE("a plain thread follows the operation that it waits for") {
  held_fixture f;
  client c{f.of.q};
  auto me = std::this_thread::get_id();
  auto res = c.run(
    directory_delete{.path = "tree"},
    [&](const operation_progress& now) {
      CHECK(std::this_thread::get_id() == me);
      CHECK(now.operation == "directory_delete");
      if (now.entries == 1)
        f.release();
    },
    1ms);
  CHECK(res);
  CHECK(f.released);
  CHECK(c.run(directory_exists{.path = "tree"}) == false);
}

TEST_CASE("an operation with progress has the results of one without") {
  queue_fixture f;
  client c{f.q};
  auto never = [](const operation_progress&) { FAIL("it takes no hour"); };
  auto path = f.path("a");
  REQUIRE(c.run(file_write{.path = path, .data = buffer{"hello"}}, never, 1h));
  auto read = c.run(file_read{.path = path}, never, 1h);
  REQUIRE(read);
  CHECK(read->text() == "hello");
  CHECK(c.run(file_exists{.path = path}, never, 1h) == true);
  auto missing = f.path("b");
  auto bad = c.run(file_read{.path = missing}, never, 1h);
  REQUIRE(!bad);
  CHECK(*failure_of(bad.error())
        == *failure_of(c.run(file_read{.path = missing}).error()));
  REQUIRE(c.shutdown());
  auto late = c.run(file_exists{.path = path}, never, 1h);
  REQUIRE(!late);
  CHECK(*failure_of(late.error())
        == *failure_of(c.run(file_exists{.path = path}).error()));
}

TEST_CASE("an operation with progress that takes too long is timed_out") {
  held_fixture f;
  client c{f.of.q, 50ms};
  auto ignore = [](const operation_progress&) {};
  auto res = c.run(directory_delete{.path = "tree"}, ignore, 1ms);
  REQUIRE(!res);
  CHECK(code_of(res.error()) == errc::timed_out);
  CHECK(failure_of(res.error())->path == "tree");
  CHECK(failure_of(res.error())->operation == "directory_delete");
}

TEST_CASE("what is thrown on progress does not stop the operation") {
  held_fixture f;
  client c{f.of.q};
  auto fail = [](const operation_progress&) { throw 42; };
  CHECK_THROWS_AS(c.run(directory_delete{.path = "tree"}, fail, 1ms), int);
  f.release();
  CHECK(c.run(directory_exists{.path = "tree"}) == false);
}

TEST_CASE("functions as callbacks may throw") {
  queue_fixture f;
  client c{f.q};
  std::promise<outcome> first;
  std::promise<size_t> second;
  REQUIRE(c.submit(file_create{.path = f.path("a")}, [&](const outcome& x) {
    first.set_value(x);
    throw std::runtime_error{"from a test: this line is expected"};
  }));
  REQUIRE(c.submit(oplist{}.add(file_exists{.path = f.path("a")}),
                   [&](const oplist_report& x) {
                     second.set_value(x.size());
                     throw 42;
                   }));
  CHECK(first.get_future().get().result);
  CHECK(second.get_future().get() == 1);
  CHECK(c.run(file_exists{.path = f.path("a")}));
  CHECK(c.shutdown()->totals.callbacks_threw == 2);
}

TEST_CASE("the last handle ends a queue, which loses nothing") {
  kit::temp_dir dir;
  std::atomic<size_t> done = 0;
  {
    configured<> cfg;
    caf::actor_system sys{cfg};
    client c{spawn_queue(sys)};
    for (int i = 0; i < 500; ++i)
      REQUIRE(
        c.submit(file_create{.path = dir.path() + "/" + std::to_string(i)},
                 [&done](const outcome& x) { done += x.result.has_value(); }));
    // The actor system waits for its actors, so for the end of the queue.
  }
  CHECK(done == 500);
}

TEST_CASE("many threads use one queue") {
  queue_fixture f;
  std::vector<std::thread> threads;
  std::atomic<size_t> good = 0;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&f, &good, t] {
      client c{f.q};
      auto path = f.path(std::to_string(t));
      for (int i = 0; i < 100; ++i) {
        auto text = std::to_string(i);
        if (c.run(file_write{.path = path, .data = buffer{text}})
            && c.run(file_read{.path = path})->text() == text)
          ++good;
      }
    });
  for (auto& thread : threads)
    thread.join();
  CHECK(good == 400);
  CHECK(client{f.q}.shutdown()->totals.succeeded == 800);
}

#ifndef __SANITIZE_ADDRESS__ // which takes memory of its own

namespace {

/// Returns the bytes that this process has in memory ("VmRSS:"), or the most
/// that it ever had ("VmHWM:").
size_t memory_of_process(std::string_view key) {
  std::ifstream status{"/proc/self/status"};
  for (std::string word; status >> word;)
    if (size_t kib = 0; word == key && status >> kib)
      return kib << 10;
  return 0;
}

} // namespace

TEST_CASE("a gigabyte is written in the background without a copy of it") {
  constexpr auto size = size_t{1} << 30;
  queue_fixture f;
  client c{f.q, 5min};
  auto before = memory_of_process("VmRSS:");
  auto memory = buffer::allocate(size);
  std::memset(memory.get(), 'x', size);
  auto who = c.write({.path = "/dev/null",
                      .data = buffer{std::move(memory), size},
                      .profile = "1"});
  auto last = c.wait(who);
  REQUIRE(last);
  CHECK(last->written == size);
  auto taken = memory_of_process("VmHWM:") - before;
  CHECK(taken > size / 2);
  CHECK(taken < size + (size_t{64} << 20));
}

#endif

TEST_CASE("other settings hold from when they are applied, or not at all") {
  queue_fixture f;
  client c{f.q};
  settings bounds;
  bounds.max_oplist_length = 1;
  bounds.profiles = {{.name = "mine"}};
  f.q.apply(bounds);
  auto two = oplist{}
               .add(file_exists{.path = f.path("a")})
               .add(file_exists{.path = f.path("b")});
  auto refused = c.run(two);
  REQUIRE(!refused);
  CHECK(code_of(refused.error()) == errc::limit_exceeded);
  auto end = [&](const char* name) {
    auto last = c.wait(c.write({.path = f.path("a"), .profile = name}));
    return last ? errc::none : code_of(last.error());
  };
  CHECK(end("mine") == errc::none);
  CHECK(end("4") == errc::invalid_argument);
  bounds.max_remembered_writers = 1;
  auto first = c.write({.path = f.path("a"), .profile = "mine"});
  REQUIRE(c.wait(first));
  f.q.apply(bounds);
  auto second = c.write({.path = f.path("a"), .profile = "mine"});
  REQUIRE(c.wait(second));
  CHECK(c.wait(second));
  CHECK(!c.wait(first));
  auto faulty = settings{};
  faulty.ops_per_turn = 0;
  CHECK_THROWS_AS(f.q.apply(faulty), std::invalid_argument);
  CHECK(end("mine") == errc::none);
}

TEST_CASE("settings with which nothing could run are refused") {
  configured<> cfg;
  caf::actor_system sys{cfg};
  settings bounds;
  bounds.ops_per_turn = 0;
  CHECK_THROWS_AS(spawn_queue(sys, bounds), std::invalid_argument);
}

TEST_CASE("the depth is at least 1, and has a limit that the error explains") {
  queue_fixture f;
  for (size_t depth : {size_t{0}, settings::max_depth + 1}) {
    CHECK_THROWS_AS(spawn_queue(f.sys, {.depth = depth}),
                    std::invalid_argument);
    CHECK_THROWS_AS(f.q.apply({.depth = depth}), std::invalid_argument);
  }
  try {
    f.q.apply({.depth = 5000});
  } catch (const std::invalid_argument& why) {
    CHECK(why.what()
          == "spindle: the setting depth must be at most 4096, because each "
             "disk actor may have as many threads"s);
  }
}

TEST_CASE("the status says what waits for the device") {
  auto shown = [](settings bounds) {
    queue_fixture f{std::move(bounds)};
    auto now = client{f.q}.status();
    REQUIRE(now);
    return to_string(now->engine) + ' ' + std::to_string(now->depth);
  };
  CHECK(shown({.disk = std::make_shared<fs::memory_vfs>()}) == "plain 1");
  CHECK(shown({.engine = engine_choice::ring,
               .disk = std::make_shared<fs::memory_vfs>()})
        == "plain 1");
  CHECK(shown({.depth = 1}) == "plain 1");
  CHECK(shown({.engine = engine_choice::plain}) == "plain 1");
  CHECK(shown({.depth = 6, .engine = engine_choice::threads}) == "threads 6");
  auto chosen = shown({.depth = 6});
  CHECK((chosen == "ring 6" || chosen == "threads 4"));
}

TEST_CASE("what waits for the device stays as it is when settings change") {
  queue_fixture f{{.depth = 3, .engine = engine_choice::threads}};
  client c{f.q};
  f.q.apply({.depth = 64, .engine = engine_choice::plain});
  CHECK(c.run(file_exists{.path = f.path("a")}) == false);
  auto now = c.status();
  REQUIRE(now);
  CHECK(now->engine == engine_kind::threads);
  CHECK(now->depth == 3);
}

TEST_CASE("a plain thread has writers at work and learns how they ended") {
  queue_fixture f;
  client c{f.q};
  auto good = c.write({.path = f.path("a"), .data = buffer{"hello"}});
  auto ended = c.wait(good);
  REQUIRE(ended);
  CHECK(ended->finished);
  CHECK(ended->written == 5);
  CHECK(c.run(file_read{.path = f.path("a")})->text() == "hello");
  auto bad = c.write({.path = f.path("no/a"), .data = buffer{"x"}});
  // The second time it is gone for sure, and the queue remembers.
  for (int i = 0; i < 2; ++i) {
    auto res = c.wait(bad);
    REQUIRE(!res);
    CHECK(code_of(res.error()) == errc::not_found);
    CHECK(c.wait(good)->written == 5);
  }
  REQUIRE(c.status(bad)->error);
  CHECK(c.status(bad)->error->code == errc::not_found);
  auto open = c.write({.path = f.path("b"), .open_ended = true});
  CHECK(!c.status(open)->finished);
  cafx::anon_mail(finish_writing{}).send(open);
  CHECK(c.wait(open)->written == 0);
}

TEST_CASE("a client learns that a writer was killed") {
  queue_fixture f;
  client c{f.q};
  auto writer = c.write({.path = f.path("a"), .open_ended = true});
  caf::anon_send_exit(writer, caf::exit_reason::kill);
  for (int i = 0; i < 2; ++i) {
    auto res = c.wait(writer);
    REQUIRE(!res);
    CHECK(code_of(res.error()) == errc::writer_lost);
  }
}

TEST_CASE("a writer that a client spawned is finished before the queue ends") {
  for (int i = 0; i < 100; ++i) {
    queue_fixture f;
    client c{f.q};
    c.write({.path = f.path("a"), .data = buffer{"hello"}});
    CHECK(c.shutdown()->totals.writers_succeeded == 1);
  }
}
