// What an application does once to have Spindle's messages in its actor system.
#pragma once

#include "spindle/actors.hpp"

namespace spindle {

/// Announces the messages of Spindle, and the types of CAF itself, to CAF. Call
/// it first thing in main. `Ts` are other type ID blocks and modules that the
/// application uses, for instance `caf::io::middleman`.
template <class... Ts>
void init() {
  cafx::init_types<caf::id_block::spindle, caf::id_block::spindle_actors,
                   Ts...>();
}

/// Mixes what Spindle needs into the configuration of an actor system. `Ts` are
/// the same as for `init`.
///
/// `struct config : spindle::configured<caf::actor_system_config> {…};`
template <class Base = caf::actor_system_config, class... Ts>
class configured : public Base {
public:
  configured() {
    cafx::add_types<Ts...>(*this);
    cafx::add_error_enums<errc>(*this);
  }
};

} // namespace spindle
