// Whether those who shared a disk got their shares.
#pragma once

#include <cstdint>
#include <vector>

namespace spindle::sim {

/// The execution of a job, in the order of execution.
struct service {
  uint64_t number = 0;
  /// A job up to this number was executed now or before. So all jobs up to it
  /// had been admitted, since jobs are numbered in the order of admission.
  uint64_t admitted = 0;
  /// The client, or the lane within a client.
  uint64_t who = 0;
  /// Nanoseconds at the disk, divided by the weight.
  double time = 0;
};

/// Checks the bound of start-time fair queueing: while one has work all the
/// time, no other gets more time than it, each divided by the weight, except
/// for what each of them gets at once. So nobody waits while others get more
/// than their shares and one quantum, or one oplist, which takes as long as it
/// takes.
/// @returns the greatest lead of one over another that had work, divided by the
///          lead that is allowed; at most 1.
double greatest_lead(const std::vector<service>& all);

} // namespace spindle::sim
