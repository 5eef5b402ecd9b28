// Those who do the tasks of the section depth.
#pragma once

#include "depth/file_task.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

namespace bench {

class host;

} // namespace bench

namespace bench::depth {

/// Prepares a task and does all of it.
struct contestant {
  std::string name;
  /// Returns how many seconds it took, the preparation not included. Throws if
  /// anything fails.
  std::function<double(const file_task&)> time;
};

/// Makes the system calls, one after the other, in one thread.
contestant bare_calls();

/// libuv with this number of threads, in a process of its own, since a process
/// can choose the number only once. `window` chains of calls are in flight.
contestant libuv_peer(size_t threads, size_t window);

/// An actor with `window` requests to the queue in flight.
contestant one_client(std::shared_ptr<host> where, size_t window);

/// This number of actors, each with one request in flight.
contestant many_clients(std::shared_ptr<host> where, size_t count);

/// An actor that has one list of `length` operations in flight.
contestant one_list(std::shared_ptr<host> where, size_t length);

} // namespace bench::depth
