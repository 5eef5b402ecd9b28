#include "catch.hpp"
#include "unwilling.hpp"
#include "world.hpp"

#include "spindle/queue/progress_watch.hpp"

#include <deque>
#include <vector>

using namespace spindle;
using namespace std::literals;

namespace {

/// Keeps what it is told.
struct collector_state {
  collector_state(cafx::self_ptr<operation_progress_receiver>,
                  std::vector<operation_progress>* log)
      : log(log) {}

  operation_progress_receiver::behavior_type make_behavior() {
    return {
      [this](const operation_progress& x) -> caf::result<void> {
        log->push_back(x);
        return caf::unit;
      },
    };
  }

  std::vector<operation_progress>* log;
};

/// Stands in for a supervisor: answers `get_progress` with what `script` holds,
/// and with `errc::not_found` when that is used up.
struct scripted_supervisor_state {
  scripted_supervisor_state(cafx::self_ptr<supervisor_actor>,
                            std::deque<operation_progress>* script,
                            std::vector<ticket>* asked)
      : script(script), asked(asked) {}

  supervisor_actor::behavior_type make_behavior() {
    auto refused = [] { return to_error({.code = errc::not_supported}); };
    return [&]<class... Ops>(std::variant<Ops...>*) {
      return supervisor_actor::behavior_type{
        [=](Ops&) -> result_of<Ops> { return refused(); }...,
        [=](Ops&, callback&) -> caf::result<ticket> { return refused(); }...,
        [=](oplist&) -> caf::result<oplist_report> { return refused(); },
        [=](oplist&, list_callback&) -> caf::result<ticket> {
          return refused();
        },
        [=](cancel) -> caf::result<bool> { return refused(); },
        [this](get_progress x) -> caf::result<operation_progress> {
          return answer(x.ticket);
        },
        [=](const write_job&) -> caf::result<writer_actor> {
          return refused();
        },
        [=](const recall_writer&) -> caf::result<writer_status> {
          return refused();
        },
        [=](const set_profiles&) -> caf::result<void> { return refused(); },
        [=](get_profiles) -> caf::result<profile_list> { return refused(); },
        [=](get_status) -> caf::result<queue_status> { return refused(); },
        [=](const shutdown&) -> caf::result<shutdown_report> {
          return refused();
        },
      };
    }(static_cast<operation*>(nullptr));
  }

  caf::result<operation_progress> answer(ticket which) {
    asked->push_back(which);
    if (script->empty())
      return to_error({.code = errc::not_found});
    auto res = std::move(script->front());
    script->pop_front();
    return res;
  }

  std::deque<operation_progress>* script;
  std::vector<ticket>* asked;
};

operation_progress at(uint64_t bytes) {
  return {.ticket = ticket{7},
          .operation = "file_copy",
          .started = true,
          .bytes = bytes};
}

/// A supervisor that knows some states of the operation 7, and a watch that
/// asks for them each second.
struct watch_fixture {
  explicit watch_fixture(std::deque<operation_progress> states)
      : script(std::move(states)) {
    supervisor = w.system().spawn<cafx::actor_of<scripted_supervisor_state>>(
      &script, &asked);
    receiver = w.system().spawn<cafx::actor_of<collector_state>>(&log);
  }

  void watch(const operation_progress_receiver& who) {
    watcher = w.system().spawn<cafx::actor_of<progress_watch_state>>(
      supervisor, ticket{7}, who, 1s);
    w.run();
  }

  bool ended() const {
    return test::world::terminated(watcher);
  }

  test::world w;
  std::deque<operation_progress> script;
  std::vector<ticket> asked;
  std::vector<operation_progress> log;
  supervisor_actor supervisor;
  operation_progress_receiver receiver;
  progress_watch watcher;
};

} // namespace

TEST_CASE("a watch tells after each interval how far an operation is") {
  watch_fixture f{{at(1), at(5)}};
  f.watch(f.receiver);
  f.w.advance(999ms);
  CHECK(f.asked.empty());
  f.w.advance(1ms);
  CHECK(f.log == std::vector{at(1)});
  f.w.advance(999ms);
  CHECK(f.asked.size() == 1);
  f.w.advance(1ms);
  CHECK(f.log == std::vector{at(1), at(5)});
  CHECK(f.asked == std::vector{ticket{7}, ticket{7}});
  CHECK(!f.ended());
}

TEST_CASE("a watch ends when the operation is done") {
  watch_fixture f{{at(1)}};
  f.watch(f.receiver);
  f.w.advance(1s);
  CHECK(!f.ended());
  f.w.advance(1s);
  CHECK(f.ended());
  CHECK(f.log == std::vector{at(1)});
  f.w.advance(5s);
  CHECK(f.asked.size() == 2);
}

TEST_CASE("a watch of an operation that is over at once tells nothing") {
  watch_fixture f{{}};
  f.watch(f.receiver);
  f.w.advance(1s);
  CHECK(f.ended());
  CHECK(f.log.empty());
}

TEST_CASE("a watch ends before the interval when nobody is left to tell") {
  watch_fixture f{{at(1), at(2)}};
  f.watch(f.receiver);
  f.w.advance(1s);
  f.w.kill(f.receiver);
  CHECK(f.ended());
  f.w.advance(5s);
  CHECK(f.asked.size() == 1);
}

TEST_CASE("a watch ends before the interval when the queue has ended") {
  watch_fixture f{{at(1), at(2)}};
  f.watch(f.receiver);
  f.w.kill(f.supervisor);
  CHECK(f.ended());
}

TEST_CASE("a watch of a queue that has ended, or for nobody, ends at once") {
  watch_fixture f{{at(1)}};
  f.w.kill(GENERATE(true, false) ? caf::actor_cast<caf::actor>(f.supervisor)
                                 : caf::actor_cast<caf::actor>(f.receiver));
  f.watch(f.receiver);
  CHECK(f.ended());
}

TEST_CASE("a receiver that fails ends no watch but its own") {
  watch_fixture f{{at(1), at(2), at(3)}};
  auto throws = GENERATE(false, true);
  auto calls = 0;
  f.watch(
    test::spawn_unwilling<operation_progress_receiver, operation_progress>(
      f.w.system(), throws, [&] { ++calls; }));
  f.w.advance(1s);
  CHECK(calls == 1);
  // One that throws is gone; an error that it answers with goes nowhere.
  CHECK(f.ended() == throws);
  f.w.advance(1s);
  CHECK(calls == (throws ? 1 : 2));
}
