// What becomes of messages that an actor of Spindle was not made for: they are
// dropped and counted, and nobody is told what was in them.
#pragma once

#include "cafx/unexpected.hpp"
#include "spindle/export.hpp"

#include <cstdint>
#include <functional>
#include <string_view>

namespace spindle {

/// Called with the name of the actor that dropped a message, in its thread, so
/// it must not block. May be called by several threads at once.
using unexpected_observer = std::function<void(std::string_view actor)>;

/// Has an observer told of each message that an actor of this process drops
/// from now on; null for none. Any thread may call.
SPINDLE_EXPORT void observe_unexpected(unexpected_observer observer);

/// Returns how many messages the actors of this process have dropped. Any
/// thread may call.
SPINDLE_EXPORT uint64_t unexpected_messages();

/// Counts a message that an actor drops, and tells the observer.
SPINDLE_EXPORT void note_unexpected(std::string_view actor);

/// Has an actor drop what it was not made for. Called by the constructor of its
/// state.
template <class Self>
void drop_unexpected(Self* self) {
  cafx::drop_unexpected(self, [self] { note_unexpected(self->name()); });
}

} // namespace spindle
