// What the scheduler knows of a job.
#pragma once

#include "spindle/message/lane_id.hpp"

#include <cstddef>
#include <cstdint>

namespace spindle {

/// Where a job is.
enum class job_state : uint8_t {
  /// In its lane; nothing of it was done.
  waiting,
  /// In its lane; it was at the disk, and continues later.
  resting,
  /// At the disk.
  running,
  /// Done, cancelled, or lost: its result is on its way.
  finished,
};

/// What the scheduler knows of a job; to be derived from. The state belongs to
/// the scheduler, the rest never changes.
struct schedulable {
  /// Numbers jobs in the order of admission.
  uint64_t number = 0;
  /// How much it counts towards limits: most often, operations in it.
  size_t ops = 1;
  /// Bytes that these operations carry.
  uint64_t bytes = 0;
  /// The lane that it was pushed into.
  lane_id lane{};
  /// Whether it is executed as a whole, in a turn of its own.
  bool exclusive = false;

  job_state state = job_state::waiting;
};

} // namespace spindle
