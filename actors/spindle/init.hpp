// What an application does once to have Spindle's messages in its actor system.
#pragma once

#include "spindle/export.hpp"
#include "spindle/message/messages.hpp"

namespace spindle {

namespace detail {

/// @throws std::logic_error if this actor system does not know the types of
///         Spindle; the message says what to do.
SPINDLE_EXPORT void require_own_types(const caf::actor_system& sys);

} // namespace detail

/// Announces the messages of Spindle, and the types of CAF itself, to CAF. Call
/// it first thing in main, unless that is `CAF_MAIN(caf::id_block::spindle)`.
/// `Ts` are other type ID blocks and modules that the
/// application uses, for instance `caf::io::middleman`.
template <class... Ts>
void init() {
  detail::init_own_types();
  cafx::init_types<Ts...>();
}

/// Mixes what Spindle needs into the configuration of an actor system. `Ts` are
/// the same as for `init`. With CAF_MAIN, which has its own list of them, any
/// configuration will do.
///
/// `struct config : spindle::configured<caf::actor_system_config> {…};`
template <class Base = caf::actor_system_config, class... Ts>
class configured : public Base {
public:
  /// @throws std::logic_error if `init` was not called.
  configured() {
    detail::add_own_types(*this);
    cafx::add_types<Ts...>(*this);
  }
};

/// Sets the scheduler of CAF as it serves a queue best: idle workers are woken
/// at once ("sharing") instead of looking for work, and there is one for each
/// processor, while CAF takes at least four. For programs whose own actors do
/// not block. Call it before `cfg` reads a command line or a file, which may
/// choose otherwise. docs/performance.md says what it brings.
SPINDLE_EXPORT void tune_scheduler(caf::actor_system_config& cfg);

} // namespace spindle
