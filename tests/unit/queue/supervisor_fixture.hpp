// A queue in virtual time, on a disk in memory.
#pragma once

#include "catch.hpp"
#include "world.hpp"

#include "spindle/fs/memory/memory_vfs.hpp"
#include "spindle/fs/testing/faulty_vfs.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace spindle::test {

/// Keeps what it is told.
struct outcome_collector_state {
  outcome_collector_state(cafx::self_ptr<callback>, std::vector<outcome>* log)
      : log(log) {}

  callback::behavior_type make_behavior() {
    return {
      [this](const outcome& x) -> caf::result<void> {
        log->push_back(x);
        return caf::unit;
      },
    };
  }

  std::vector<outcome>* log;
};

struct report_collector_state {
  report_collector_state(cafx::self_ptr<list_callback>,
                         std::vector<oplist_report>* log)
      : log(log) {}

  list_callback::behavior_type make_behavior() {
    return {
      [this](const oplist_report& x) -> caf::result<void> {
        log->push_back(x);
        return caf::unit;
      },
    };
  }

  std::vector<oplist_report>* log;
};

/// A queue over a disk in memory.
struct supervisor_fixture {
  explicit supervisor_fixture(settings x = {}) : bounds(x) {
    bounds.disk = faulty;
    queue = spawn_bare_queue(w.system(), bounds);
    w.run();
    collector = w.system().spawn<cafx::actor_of<outcome_collector_state>>(&log);
    list_collector
      = w.system().spawn<cafx::actor_of<report_collector_state>>(&reports);
  }

  /// Actors that know each other would keep each other for ever.
  ~supervisor_fixture() {
    w.kill(queue->supervisor);
  }

  template <class... Ts>
  auto ask(Ts&&... xs) {
    return w.ask(queue->supervisor, std::forward<Ts>(xs)...);
  }

  /// Sends an operation whose outcome goes to the log, without running
  /// anything.
  void submit(operation op) {
    auto send = [this](auto& x) {
      cafx::anon_mail(x, collector).send(queue->supervisor);
    };
    std::visit(send, op);
  }

  /// Sends without running anything.
  template <class... Ts>
  auto request(Ts&&... xs) {
    return w.self->mail(std::forward<Ts>(xs)...)
      .request(queue->supervisor, cafx::infinite);
  }

  queue_status status() {
    return *ask(get_status{});
  }

  world w;
  std::shared_ptr<fs::memory_vfs> memory = std::make_shared<fs::memory_vfs>();
  std::shared_ptr<fs::faulty_vfs> faulty
    = std::make_shared<fs::faulty_vfs>(memory);
  settings bounds;
  std::shared_ptr<bare_queue> queue;
  std::vector<outcome> log;
  std::vector<oplist_report> reports;
  callback collector;
  list_callback list_collector;
};

template <class T>
errc code_of(const caf::expected<T>& x) {
  REQUIRE(!x);
  auto why = failure_of(x.error());
  REQUIRE(why);
  return why->code;
}

inline file_write write(std::string path, std::string_view text = "text") {
  return {.path = std::move(path), .data = buffer{text}};
}

} // namespace spindle::test
