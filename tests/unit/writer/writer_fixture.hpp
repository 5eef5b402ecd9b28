// Writers in virtual time, on a disk in memory.
#pragma once

#include "catch.hpp"
#include "world.hpp"

#include "spindle/fs/memory/memory_vfs.hpp"
#include "spindle/fs/testing/faulty_vfs.hpp"
#include "spindle/writer/writer.hpp"

#include <functional>
#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace spindle::test {

using namespace std::literals;

/// Makes each job at the disk take some time, and records the steps.
class slow_disk : public turn_observer {
public:
  explicit slow_disk(world& w) : world_(w) {}

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
  world& world_;
};

/// Receives progress into a vector.
struct subscriber_state {
  static inline std::vector<writer_status>* heard = nullptr;

  explicit subscriber_state(cafx::self_ptr<progress_receiver>) {}

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
    queue = spawn_bare_queue(w.system(), bounds, disk);
    w.run();
  }

  // Otherwise actors with handles of each other would never be destroyed.
  ~writer_fixture() {
    w.kill(queue->supervisor);
  }

  writer_internal_actor spawn(write_job job) {
    return spawn_writer(w.system(), queue->supervisor, std::move(job));
  }

  /// Runs all actors as time passes, in so many steps.
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

  /// Returns the status of a writer as the queue knows it.
  writer_status last(const writer_internal_actor& who) {
    auto res = w.ask(queue->supervisor, recall_writer{who});
    REQUIRE(res);
    return *res;
  }

  queue_status status() {
    return *w.ask(queue->supervisor, get_status{});
  }

  world w;
  std::shared_ptr<fs::memory_vfs> memory = std::make_shared<fs::memory_vfs>();
  std::shared_ptr<fs::faulty_vfs> faulty
    = std::make_shared<fs::faulty_vfs>(memory);
  std::shared_ptr<slow_disk> disk = std::make_shared<slow_disk>(w);
  std::shared_ptr<bare_queue> queue;
};

inline profile full_speed(uint64_t chunk) {
  return {.name = "full", .chunk_size = chunk};
}

inline buffer text(size_t n, char c = 'x') {
  return buffer{std::string(n, c)};
}

} // namespace spindle::test
