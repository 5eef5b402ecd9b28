// Delivers results, so that no client can hold up the disk.
#pragma once

#include "spindle/export.hpp"
#include "spindle/message/internal/queue.hpp"
#include "spindle/queue/job.hpp"

#include <memory>

namespace spindle {

/// Sends responses and calls callbacks, and counts what it has delivered.
class SPINDLE_EXPORT callback_actor_state {
public:
  static constexpr const char* name = "spindle.callback";

  callback_actor_state(cafx::self_ptr<callback_actor> self,
                       supervisor_internal_actor supervisor,
                       std::shared_ptr<job_scheduler> jobs);

  callback_actor::behavior_type make_behavior();

private:
  /// Notifies the recipient of a job.
  void deliver(job& what);

  void deliver_operation(job& what);

  void deliver_step(job& what);

  void deliver_list(job& what);

  /// Notifies the callbacks of single entries.
  void deliver_entries(const oplist& list, const oplist_report& report);

  /// Passes the counts to the scheduler, and resets them.
  void report_tally();

  /// Adds the answers of a job to the counts.
  void count(const job& what);

  void count(const operation& op, const answer& result);

  void count(const stream_step& step, const answer& result);

  cafx::self_ptr<callback_actor> self_;
  supervisor_internal_actor supervisor_;
  std::shared_ptr<job_scheduler> jobs_;
  totals tally_;
};

} // namespace spindle
