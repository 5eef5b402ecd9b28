#include "spindle/module.hpp"

#include "spindle/node/actors.hpp"

namespace spindle::detail {

void init_own_types() {
  cafx::init_types<caf::id_block::spindle, caf::id_block::spindle_actors,
                   caf::id_block::spindle_node>();
}

void add_own_types(caf::actor_system_config& cfg) {
  cafx::add_message_types<caf::id_block::spindle>(cfg);
}

} // namespace spindle::detail
