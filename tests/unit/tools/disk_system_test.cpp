#include "disk_system.hpp"

#include "catch.hpp"

#include <string>
#include <thread>

using namespace spindle;

TEST_CASE("the programs have a worker for each processor, woken at once") {
  init_networked();
  tool::tool_config config;
  auto workers = caf::get_or(config, cafx::caf_option("scheduler.max-threads"),
                             uint64_t{0});
  CHECK(workers == std::thread::hardware_concurrency());
  auto policy
    = caf::get_or(config, cafx::caf_option("scheduler.policy"), "none");
  CHECK(policy == "sharing");
}
