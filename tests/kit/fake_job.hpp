// Jobs without content, for tests of the scheduler.
#pragma once

#include "spindle/queue/schedulable.hpp"

#include <memory>
#include <string>

namespace spindle::test {

/// A job that does nothing.
struct fake_job : schedulable {
  struct totals {
    uint64_t jobs = 0;
    uint64_t ops = 0;
    uint64_t bytes = 0;

    totals& operator+=(const totals& x) {
      jobs += x.jobs;
      ops += x.ops;
      bytes += x.bytes;
      return *this;
    }
  };

  /// Name for use in tests.
  std::string name;
};

using fake_job_ptr = std::shared_ptr<fake_job>;

/// Creates jobs with consecutive numbers.
class fake_jobs {
public:
  fake_job_ptr make(std::string name, size_t ops = 1, bool exclusive = false) {
    auto res = std::make_shared<fake_job>();
    res->number = ++last_;
    res->ops = ops;
    res->bytes = 10 * ops;
    res->exclusive = exclusive;
    res->name = std::move(name);
    return res;
  }

private:
  uint64_t last_ = 0;
};

} // namespace spindle::test
