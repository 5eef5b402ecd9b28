// libuv in a process of its own: this program again, with a command that its
// users need not know.
#pragma once

#include "depth/file_task.hpp"

#include <cstddef>

namespace CLI {

class App;

} // namespace CLI

namespace bench::depth {

/// What such a process does.
struct peer_task {
  file_task files{};
  /// Threads that libuv has.
  size_t threads = 4;
  /// Chains of calls that are in flight.
  size_t window = 64;
};

/// Adds the command to the command line, and returns it.
CLI::App* add_peer_command(CLI::App& app, peer_task& what);

/// Prepares the task, does it, and prints how many seconds it took. Must be
/// called before the process uses libuv.
/// @throws std::runtime_error if that fails.
void run_peer(const peer_task& what);

/// Has another process do that.
/// @returns what it has printed.
/// @throws std::runtime_error if it fails.
double time_peer(const peer_task& what);

} // namespace bench::depth
