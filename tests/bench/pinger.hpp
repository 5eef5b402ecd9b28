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

/// Has an actor ask `count` times whether a file exists, and appends how many
/// microseconds each answer took.
/// @throws std::runtime_error if it does not.
void ping_from_actor(host& where, const std::string& path, size_t count,
                     samples& into);

} // namespace bench
