// The jobs of a unit, which grows until a disk actor takes it to the disk.
#pragma once

#include "spindle/job.hpp"

#include <mutex>
#include <utility>

namespace spindle {

/// The jobs of a unit. A disk actor that waits for the turn has its next unit
/// already; what arrives meanwhile joins that unit without a message, so that
/// turns are long when there is much to do. Shared by the supervisor and one
/// disk actor.
class unit_jobs {
public:
  explicit unit_jobs(job_list first) : jobs_(std::move(first)) {}

  /// Adds a job, unless the unit was taken to the disk. Supervisor only.
  /// @returns whether it was added.
  bool add(const job_ptr& what) {
    std::lock_guard guard{mutex_};
    if (!taken_)
      jobs_.push_back(what);
    return !taken_;
  }

  /// Takes all jobs; none can be added any more. Disk actor only, once.
  job_list take() {
    std::lock_guard guard{mutex_};
    taken_ = true;
    return std::move(jobs_);
  }

private:
  std::mutex mutex_;
  job_list jobs_;
  bool taken_ = false;
};

} // namespace spindle
