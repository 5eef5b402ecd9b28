// Those who are compared: each does a whole workload in its own way.
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
  /// Returns when all is done. The time this takes is measured. Throws if
  /// anything fails.
  std::function<void(const workload&)> run;
};

/// Does an action by system calls; `into` has room for the content of a file.
/// @throws std::system_error if that fails.
void do_action(const workload& work, size_t i, char* into);

/// The fewest system calls, one after the other, in one thread: the limit.
contestant bare();

/// The same calls by two threads that take turns, each with `length` of them,
/// and a third thread that gets what they read: the floor of disk actors.
contestant threads_in_turns(size_t length);

/// libuv's uv_fs_*, as a C++ program would call it: up to `window` chains of
/// calls at once, the calls themselves in the threads of libuv.
contestant libuv(size_t window);

/// An actor that has up to `window` requests at the queue.
contestant single_requests(std::shared_ptr<host> where, size_t window,
                           const std::string& name = "Spindle");

/// An actor that has up to `window` lists of `length` operations at the queue.
contestant oplists(std::shared_ptr<host> where, size_t length, size_t window);

/// An actor that has up to `window` requests at another actor, which has a
/// thread of its own and makes the system calls one after the other: the floor
/// of CAF.
contestant bare_actor_requests(std::shared_ptr<host> where, size_t window);

/// The same with lists of `length` operations.
contestant bare_actor_oplists(std::shared_ptr<host> where, size_t length,
                              size_t window);

/// An actor that has up to `window` requests at another actor, which answers
/// without a look at the disk: the floor of CAF.
/// @param detached whether the other one has a thread of its own, which anyone
///                 must have who looks at the disk.
contestant messages(std::shared_ptr<host> where, size_t window, bool detached);

} // namespace bench
