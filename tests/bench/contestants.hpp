// The programs that are compared. Each of them does the same workload.
#pragma once

#include "workload.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

namespace bench {

class host;

/// Does the action of a workload to each of its files.
struct contestant {
  std::string name;
  /// Does the whole workload, and then returns. This time is measured. Throws
  /// if anything fails.
  std::function<void(const workload&)> run;
};

/// Does an action by system calls; `into` has room for the content of a file.
/// @throws std::system_error if that fails.
void do_action(const workload& work, size_t i, char* into);

/// Makes the fewest system calls, one after the other, in one thread. Nothing
/// can be faster.
contestant bare();

/// Two threads that make the same calls in turns of `length` calls, and a third
/// thread that gets what they read. Disk actors cannot be faster.
contestant threads_in_turns(size_t length);

/// A C++ program that calls uv_fs_* of libuv: up to `window` chains of calls
/// are in flight, and the threads of libuv make the system calls.
contestant libuv(size_t window);

/// An actor that has up to `window` requests to the queue in flight.
contestant single_requests(std::shared_ptr<host> where, size_t window,
                           const std::string& name = "Spindle");

/// An actor that has up to `window` lists of `length` operations in flight.
contestant oplists(std::shared_ptr<host> where, size_t length, size_t window);

/// An actor that has up to `window` requests in flight to one other actor,
/// which has a thread of its own and makes the system calls one after the
/// other. No program that uses actors can be faster.
contestant bare_actor_requests(std::shared_ptr<host> where, size_t window);

/// The same with lists of `length` operations.
contestant bare_actor_oplists(std::shared_ptr<host> where, size_t length,
                              size_t window);

/// An actor that has up to `window` requests in flight to one other actor,
/// which answers at once and makes no system call: the cost of the messages
/// alone.
/// @param detached whether the other actor has a thread of its own, as an actor
///                 must have that makes system calls which block.
contestant messages(std::shared_ptr<host> where, size_t window, bool detached);

} // namespace bench
