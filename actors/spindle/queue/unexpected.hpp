// Messages that an actor of Spindle does not handle are dropped and counted.
// Their content is not logged.
#pragma once

#include "cafx/unexpected.hpp"
#include "spindle/export.hpp"

#include <cstdint>
#include <functional>
#include <string_view>

namespace spindle {

/// Receives the name of an actor that dropped a message. Called in the thread
/// of that actor, possibly by several threads at once; must not block.
using unexpected_observer = std::function<void(std::string_view actor)>;

/// Sets the observer of dropped messages for this process; null for none. Any
/// thread may call.
SPINDLE_EXPORT void observe_unexpected(unexpected_observer observer);

/// Returns how many messages the actors of this process have dropped. Any
/// thread may call.
SPINDLE_EXPORT uint64_t unexpected_messages();

/// Counts a dropped message, and notifies the observer.
SPINDLE_EXPORT void note_unexpected(std::string_view actor);

/// Lets an actor drop messages that it does not handle. To be called by the
/// constructor of its state.
template <class Self>
void drop_unexpected(Self* self) {
  cafx::drop_unexpected(self, [self] { note_unexpected(self->name()); });
}

} // namespace spindle
