// A queue under full control of a test: no threads, virtual time, any disk.
#pragma once

#include "cafx/test.hpp"
#include "spindle/init.hpp"
#include "spindle/queue/callback_actor.hpp"
#include "spindle/queue/disk_actor.hpp"
#include "spindle/queue/supervisor.hpp"
#include "spindle/writer/writer.hpp"

#include <functional>
#include <memory>
#include <vector>

namespace spindle::test {

using world = cafx::test::world<configured<caf::actor_system_config>>;

/// A queue whose actors the test can access and kill.
struct bare_queue {
  supervisor_internal_actor supervisor;
  callback_actor callbacks;
  /// The disk actors in the order of spawning; the last two are alive.
  std::vector<disk_actor> disks;
};

using bare_engine_maker = std::function<std::shared_ptr<fs::engine>()>;

/// Spawns a queue without threads. `bounds.disk` must not block.
/// @param make_engine makes the engine of each disk actor; it must not use
///        threads. If empty, nothing awaits the device.
/// @param device describes these engines.
inline std::shared_ptr<bare_queue>
spawn_bare_queue(caf::actor_system& sys, const settings& bounds,
                 std::shared_ptr<turn_observer> observer = nullptr,
                 std::shared_ptr<fs::kept_walks> walks = nullptr,
                 engine_terms device = {}, bare_engine_maker make_engine = {}) {
  auto res = std::make_shared<bare_queue>();
  actor_spawners spawners{
    [&sys, observer, walks, make_engine, weak = std::weak_ptr{res}](
      uint64_t id, const std::shared_ptr<job_scheduler>& jobs,
      const callback_actor& callbacks, const settings& limits) {
      auto engine = make_engine ? make_engine() : nullptr;
      auto disk = sys.spawn<cafx::actor_of<disk_actor_state>>(
        id, jobs, callbacks, limits, engine, observer, walks);
      if (auto all = weak.lock())
        all->disks.push_back(disk);
      return disk;
    },
    [&sys,
     weak = std::weak_ptr{res}](const supervisor_internal_actor& supervisor,
                                const std::shared_ptr<job_scheduler>& jobs) {
      auto callbacks
        = sys.spawn<cafx::actor_of<callback_actor_state>>(supervisor, jobs);
      if (auto all = weak.lock())
        all->callbacks = callbacks;
      return callbacks;
    },
    [&sys](const supervisor_internal_actor& supervisor, write_job what,
           writer_terms terms) -> writer_actor {
      return spawn_writer(sys, supervisor, std::move(what), std::move(terms));
    },
  };
  res->supervisor = sys.spawn<cafx::actor_of<supervisor_state>>(
    bounds, std::move(spawners), device);
  return res;
}

} // namespace spindle::test
