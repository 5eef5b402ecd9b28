// The way in: one call gives a disk to an application.
#pragma once

#include "spindle/export.hpp"
#include "spindle/init.hpp"
#include "spindle/message/settings.hpp"

#include <chrono>
#include <functional>
#include <memory>

namespace spindle {

/// A handle to an I/O queue of this process: a supervisor, two disk actors that
/// take turns, and a callback actor. Or to one of another node
/// (connect.hpp): then the supervisor stands for that node. Copies refer
/// to the same queue; when the last copy goes, a queue of this process finishes
/// what it has admitted and ends, and a connection is closed. Any thread may
/// use it.
class SPINDLE_EXPORT queue {
public:
  /// Returns the actor that takes operations, oplists and control messages, of
  /// this node or of others. It lives as long as this queue.
  supervisor_actor supervisor() const;

  /// Returns the same actor with the messages that only work in this process.
  const front_actor& front() const;

  /// Returns the actor system that the queue runs in.
  caf::actor_system& system() const;

  /// Spawns a writer. What is wrong with the job, the writer tells: to those
  /// who await its end, and as the reason when it goes down.
  /// @param terms what a node imposes on its clients; only for a queue of this
  ///              process.
  writer_actor write(write_job job, writer_terms terms = {}) const;

  /// Has an actor tell `receiver` how far an operation or oplist is: first
  /// after `interval`, then again after each, until the operation is done or
  /// the receiver has ended. How it ends, only the outcome tells.
  /// @param which the ticket of something that was submitted to this queue.
  /// @throws std::invalid_argument if the interval is not greater than 0.
  void watch(ticket which, const operation_progress_receiver& receiver,
             caf::timespan interval = std::chrono::seconds{1}) const;

  /// Lets other limits and profiles hold from now on, also for writers that are
  /// at work. The disk, what waits for it, and who has a thread, stay as they
  /// are: `disk`, `depth`, `engine` and `detach_all` have no effect here.
  /// @throws std::invalid_argument as `spawn_queue` does, or if the queue is on
  ///         another node; nothing changes then.
  void apply(const settings& bounds) const;

  /// Starts to end the queue without waiting for it: it takes no more
  /// operations, and ends when it has done those that it has. To wait, send
  /// `spindle::shutdown` to the supervisor.
  void close() const;

  /// Returns whether the queue is one of another node.
  bool is_remote() const;

  /// What a queue is made of: one of this process, or a connection.
  struct parts {
    front_actor front;
    std::function<writer_actor(write_job, writer_terms)> write;
    std::function<void(const settings&)> apply;
    /// Whether the front is a connection.
    bool remote = false;
  };

  /// For `spawn_queue` and its like. The front ends when it gets `shutdown`.
  queue(caf::actor_system& sys, parts of);

private:
  class guard;

  std::shared_ptr<guard> guard_;
};

/// Spawns the actors of a queue. Any number of queues may run at once.
/// @throws std::invalid_argument if a limit is 0, `depth` is too great, or
///         `engine` is a ring that the system does not allow; the message names
///         the setting.
/// @throws std::logic_error if `sys` does not know the types of Spindle.
SPINDLE_EXPORT queue spawn_queue(caf::actor_system& sys, settings bounds = {});

} // namespace spindle
