// What a client waits for an actor without a queue while others flood it: the
// floor that CAF sets.
#pragma once

#include "pinger.hpp"
#include "statistics.hpp"

#include <chrono>
#include <cstddef>
#include <string>

namespace bench {

/// How much the others request.
struct flood_amount {
  size_t clients = 1;
  /// Reads in one piece of work, and in flight for each client.
  size_t operations = 0;
  size_t window = 0;
  /// How long they request before the client begins.
  std::chrono::milliseconds head_start{0};
};

/// Has a client ask one actor whether `path` exists while others have the actor
/// read the file.
/// @returns how many microseconds the client waited each time.
samples wait_beside_bare_floods(caf::actor_system& sys, const std::string& path,
                                const flood_amount& floods,
                                const ping_amount& how_often);

} // namespace bench
