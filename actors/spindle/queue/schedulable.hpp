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
  /// A disk actor executes it, or it awaits the device.
  running,
  /// Executed, cancelled or lost; its result will be delivered.
  done,
};

/// What a job does before it takes effect, which decides what may be executed
/// at the same time in its lane.
enum class job_kind : uint8_t {
  /// Has effects from its beginning, so nothing else is executed meanwhile.
  changes,
  /// Never has an effect.
  reads,
  /// Has no effect that others notice until it continues after its last call
  /// that awaits the device, and does not depend on the effects of others until
  /// then.
  prepares,
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
  job_kind kind = job_kind::changes;
  /// Only jobs with the same value prepare at the same time: one must not
  /// change where the path of another leads.
  size_t place = 0;

  job_state state = job_state::waiting;
};

/// Returns whether two jobs of a lane may be executed at the same time, unless
/// one of them has settled.
inline bool may_overlap(const schedulable& x, const schedulable& y) {
  return x.kind == y.kind && x.kind != job_kind::changes && x.place == y.place;
}

} // namespace spindle
