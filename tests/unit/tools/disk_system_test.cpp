#include "disk_system.hpp"

#include "catch.hpp"

#include <string>
#include <thread>

using namespace spindle;

namespace {

/// Returns what an option of CAF is, as text; CAF 0.17 puts some into quotes.
std::string value_of(const tool::tool_config& config, const std::string& name) {
  auto value = caf::get_if(&content(config), cafx::caf_option(name));
  return value ? to_string(*value) : "not set";
}

} // namespace

TEST_CASE("the programs have a worker for each processor, woken at once") {
  init_networked();
  tool::tool_config config;
  CHECK(value_of(config, "scheduler.max-threads")
        == std::to_string(std::thread::hardware_concurrency()));
  CHECK(value_of(config, "scheduler.policy").find("sharing")
        != std::string::npos);
}
