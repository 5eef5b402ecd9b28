#include "spindle/module.hpp"

namespace spindle::detail {

void init_own_types() {
  cafx::init_types<caf::id_block::spindle, caf::id_block::spindle_actors>();
}

} // namespace spindle::detail
