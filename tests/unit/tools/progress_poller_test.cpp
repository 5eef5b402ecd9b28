#include "run/run_progress_poller.hpp"

#include "catch.hpp"

#include "spindle/disks.hpp"
#include "spindle/init.hpp"

#include <memory>

using namespace spindle;
using namespace spindle::tool;

TEST_CASE("reported items are not remembered until they would be due") {
  configured<caf::actor_system_config> cfg;
  caf::actor_system sys{cfg};
  settings bounds;
  bounds.disk = memory_disk();
  auto q = spawn_queue(sys, bounds);
  backlog items{{}};
  reporter lines{{}, [] {}};
  ordered_reporter outcomes{items, lines};
  progress_poller poller{q, outcomes};
  auto pending = std::make_shared<backlog_item>();
  poller.watch(pending, ticket{1});
  // They are reported at once, and due after a second.
  for (uint64_t i = 2; i < 50'000; ++i)
    poller.watch(std::make_shared<backlog_item>(), ticket{i});
  CHECK(poller.known() <= 2048);
}
