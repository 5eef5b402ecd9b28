#include "spindle/init.hpp"

#include "spindle/message/internal/node.hpp"

#include <algorithm>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace spindle {

namespace detail {

namespace {

constexpr const char* not_announced
  = "spindle: CAF does not know the types of Spindle's messages. Call "
    "spindle::init() first thing in main and derive the configuration of the "
    "actor system from spindle::configured, or write "
    "CAF_MAIN(caf::id_block::spindle)";

} // namespace

void init_own_types() {
  cafx::init_types<caf::id_block::spindle_messages,
                   caf::id_block::spindle_local, caf::id_block::spindle_actors,
                   caf::id_block::spindle_node>();
}

void add_own_types(caf::actor_system_config& cfg) {
  if (!cafx::is_announced<operation>())
    throw std::logic_error{not_announced};
  cafx::add_message_types<caf::id_block::spindle_messages>(cfg);
  cafx::add_error_enums<errc>(cfg);
}

void require_own_types(const caf::actor_system& sys) {
  if (!cafx::is_known<operation>(sys))
    throw std::logic_error{not_announced};
}

} // namespace detail

void tune_scheduler(caf::actor_system_config& cfg) {
  auto option = [](const std::string& name, const std::string& value) {
    return "--" + cafx::caf_option("scheduler." + name) + "=" + value;
  };
  auto workers = std::max(std::thread::hardware_concurrency(), 1u);
  std::istringstream no_file;
  auto err = cfg.parse({option("policy", "sharing"),
                        option("max-threads", std::to_string(workers))},
                       no_file);
  if (cafx::failed(err))
    throw std::logic_error{"CAF does not know its own scheduler"};
}

} // namespace spindle
