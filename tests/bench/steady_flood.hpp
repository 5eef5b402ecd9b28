// A client that keeps many operations in flight until it is stopped.
#pragma once

#include "spindle/queue.hpp"

#include <cstddef>
#include <cstdint>
#include <future>
#include <memory>

namespace bench {

class flood_account;

/// An actor with a lane of its own. It submits the same operation again and
/// again with a function as callback.
class steady_flood {
public:
  /// How many operations are in flight. All floods together must fit into
  /// `settings::max_pending_ops`.
  static constexpr size_t window = 4096;

  /// Begins at once.
  /// @param weight the weight of the lane.
  steady_flood(const spindle::queue& to, spindle::operation what,
               unsigned weight);

  steady_flood(steady_flood&&) = default;

  /// Stops, and waits until nothing is in flight, for a minute at most.
  ~steady_flood();

  /// Returns how many operations have completed.
  uint64_t completed() const;

  /// Submits no more operations. Does not wait for those in flight. To stop
  /// several floods soon, stop all of them before one is destroyed.
  void stop();

  /// Stops, and waits until nothing is in flight.
  /// @throws std::runtime_error if an operation has failed, or if some are in
  ///         flight after a minute.
  void finish();

private:
  /// Returns whether nothing is in flight. If something is after a minute, ends
  /// the actor nevertheless, because its system would wait for it.
  bool end();

  std::shared_ptr<flood_account> account_;
  caf::actor submitter_;
  std::future<void> idle_;
};

} // namespace bench
