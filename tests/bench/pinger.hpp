// An actor that requests one operation after the other, with pauses.
#pragma once

#include "host.hpp"
#include "statistics.hpp"

#include <chrono>
#include <cstddef>
#include <string>

namespace bench {

/// How long nothing happens before an operation. All threads sleep by then.
inline constexpr auto ping_pause = std::chrono::milliseconds{2};

/// Returns the microseconds since `start`.
double microseconds_since(std::chrono::steady_clock::time_point start);

/// Messages that whoever is asked must understand. A supervisor does.
struct pinged_trait {
  using signatures = cafx::type_list<caf::result<bool>(spindle::file_exists)>;
};
using pinged = cafx::typed_actor<pinged_trait>;

/// Spawns an actor with a thread of its own that answers by itself, with one
/// system call: what any actor costs that may block.
pinged spawn_bare_disk(host& where);

/// Spawns three actors that hand on what they are asked, as those of a queue
/// do: the second makes the system call in a thread of its own, the third
/// answers. Returns the first.
pinged spawn_bare_chain(host& where);

/// Has an actor ask `whom` `count` times whether a file exists, and appends how
/// many microseconds each answer took.
/// @throws std::runtime_error if it does not.
void ping_from_actor(host& where, const pinged& whom, const std::string& path,
                     size_t count, samples& into);

} // namespace bench
