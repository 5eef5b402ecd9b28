// What the scheduler needs of a job.
#pragma once

#include "spindle/message/lane_id.hpp"

#include <cstddef>
#include <cstdint>

namespace spindle {

/// The state of a job.
enum class job_state : uint8_t {
  /// In its lane; has not begun.
  waiting,
  /// In its lane, between two slices.
  resting,
  /// A disk actor executes it.
  running,
  /// Executed, cancelled or lost; its result will be delivered.
  finished,
};

/// Base of jobs: what the scheduler needs of them. Only the scheduler changes
/// the state; the rest does not change.
struct schedulable {
  /// Numbers jobs in the order of admission.
  uint64_t number = 0;
  /// How much the job counts towards limits: 1, or the cost of a list.
  size_t ops = 1;
  /// Bytes that these operations carry.
  uint64_t bytes = 0;
  /// The lane that it was pushed into.
  lane_id lane{};
  /// Whether it has a turn of its own and never rests.
  bool exclusive = false;
  /// Whether it is a step of a writer, so that nobody minds if it waits.
  bool in_background = false;

  job_state state = job_state::waiting;
};

} // namespace spindle
