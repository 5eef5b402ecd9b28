// Submits operations for a thread that must not wait for their tickets.
#pragma once

#include "spindle/queue.hpp"

#include <cstdint>
#include <functional>
#include <memory>

namespace spindle::tool {

/// Submits operations and lists to a queue in the order of the calls, and does
/// not wait until the queue has admitted one before it sends the next: over a
/// network that would take a round trip each. Has a thread of its own.
class submitter {
public:
  /// Gets the ticket, or why the queue refuses; called in the thread of the
  /// submitter, which sends nothing more until it returns.
  using on_ticket = std::function<void(const caf::expected<ticket>&)>;

  explicit submitter(const queue& to);

  submitter(const submitter&) = delete;

  submitter& operator=(const submitter&) = delete;

  /// From now on nobody is told any more.
  ~submitter();

  /// Returns one of the lanes of the submitter. They share the disk with those
  /// of others as one client.
  in_lane lane(uint64_t number) const {
    return {{client_, number}};
  }

  /// Has an operation submitted with a callback, into the lane with that
  /// number. Any thread may call.
  void submit(operation what, local_callback who, uint64_t lane,
              on_ticket answered);

  /// Has a list submitted with a callback, into the lane with that number. Any
  /// thread may call.
  void submit(oplist what, local_list_callback who, uint64_t lane,
              on_ticket answered);

  /// Calls `fun` in the thread of the submitter, when all that it was given
  /// before is sent: what `fun` sends to the queue arrives after that.
  void after_those(std::function<void()> fun);

  /// Waits until all that it was given is sent: what the caller sends to the
  /// queue from then on arrives after that.
  void flush();

private:
  class inbox;
  class worker_state;

  template <class Work, class Callback>
  void submit_any(Work what, Callback who, uint64_t lane, on_ticket answered);

  front_actor to_;
  /// The client that its lanes belong to.
  uint64_t client_ = 0;
  std::shared_ptr<inbox> inbox_;
};

} // namespace spindle::tool
