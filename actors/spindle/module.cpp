#include "spindle/module.hpp"

#include "spindle/node/actors.hpp"

namespace spindle::detail {

void init_own_types() {
  cafx::init_types<caf::id_block::spindle, caf::id_block::spindle_actors,
                   caf::id_block::spindle_node>();
}

} // namespace spindle::detail
