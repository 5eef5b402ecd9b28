#include "spindle/client.hpp"
#include "spindle/init.hpp"

#include "caf_option.hpp"
#include "catch.hpp"

#include <sstream>
#include <string>
#include <thread>

using namespace spindle;

namespace {

bool wakes_at_once(const caf::actor_system_config& config) {
  return kit::caf_option(config, "scheduler.policy").find("sharing")
      != std::string::npos;
}

} // namespace

TEST_CASE("a queue needs only the type ID block passed to CAF_MAIN") {
  caf::actor_system_config cfg;
  cafx::add_types<caf::id_block::spindle>(cfg);
  caf::actor_system sys{cfg};
  client disk{spawn_queue(sys)};
  CHECK(*disk.run(directory_exists{.path = "/"}));
  auto missing = disk.run(file_read{.path = "/nothing"});
  REQUIRE(!missing);
  CHECK(cafx::render(sys, missing.error()).find("not_found")
        != std::string::npos);
}

TEST_CASE(
  "a tuned scheduler has a worker per processor, and wakes them at once") {
  configured<> config;
  CHECK(!wakes_at_once(config));
  tune_scheduler(config);
  CHECK(wakes_at_once(config));
  CHECK(kit::caf_option(config, "scheduler.max-threads")
        == std::to_string(std::thread::hardware_concurrency()));
}

TEST_CASE("the command line overrides the tuned scheduler") {
  configured<> config;
  tune_scheduler(config);
  std::istringstream no_file;
  auto option = "--" + cafx::caf_option("scheduler.max-threads") + "=7";
  CHECK(!cafx::failed(config.parse({option}, no_file)));
  CHECK(kit::caf_option(config, "scheduler.max-threads") == "7");
  CHECK(wakes_at_once(config));
}
