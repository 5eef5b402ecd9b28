#include "cli/disk_system.hpp"

#include "caf_option.hpp"
#include "catch.hpp"

#include <string>

using namespace spindle;

TEST_CASE("the programs use the tuned scheduler") {
  init_networked();
  tool::tool_config config;
  CHECK(kit::caf_option(config, "scheduler.policy").find("sharing")
        != std::string::npos);
}
