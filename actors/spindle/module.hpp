// What an application does once to have Spindle's messages in its actor system.
#pragma once

#include "spindle/actors.hpp"
#include "spindle/export.hpp"

namespace spindle {

namespace detail {

/// Announces the messages of Spindle. Compiled into the library, because that
/// of each of them takes CAF 1.x a while.
SPINDLE_EXPORT void init_own_types();

/// Lets them travel to other nodes.
SPINDLE_EXPORT void add_own_types(caf::actor_system_config& cfg);

} // namespace detail

/// Announces the messages of Spindle, and the types of CAF itself, to CAF. Call
/// it first thing in main. `Ts` are other type ID blocks and modules that the
/// application uses, for instance `caf::io::middleman`.
template <class... Ts>
void init() {
  detail::init_own_types();
  cafx::init_types<Ts...>();
}

/// Mixes what Spindle needs into the configuration of an actor system. `Ts` are
/// the same as for `init`.
///
/// `struct config : spindle::configured<caf::actor_system_config> {…};`
template <class Base = caf::actor_system_config, class... Ts>
class configured : public Base {
public:
  configured() {
    detail::add_own_types(*this);
    cafx::add_types<Ts...>(*this);
    cafx::add_error_enums<errc>(*this);
  }
};

/// Sets the scheduler of CAF as it serves a queue best: idle workers are woken
/// at once ("sharing") instead of looking for work, and there is one for each
/// processor, while CAF takes at least four. For programs whose own actors do
/// not block. Call it before `cfg` reads a command line or a file, which may
/// choose otherwise. docs/performance.md says what it brings.
SPINDLE_EXPORT void tune_scheduler(caf::actor_system_config& cfg);

} // namespace spindle
