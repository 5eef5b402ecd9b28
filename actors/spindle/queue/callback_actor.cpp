#include "spindle/queue/callback_actor.hpp"

#include "spindle/queue/unexpected.hpp"

#include <utility>

namespace spindle {

// -- constructors, destructors, and assignment operators ----------------------

callback_actor_state::callback_actor_state(cafx::self_ptr<callback_actor> self,
                                           supervisor_internal_actor supervisor,
                                           std::shared_ptr<job_scheduler> jobs)
    : self_(self), supervisor_(std::move(supervisor)), jobs_(std::move(jobs)) {
  drop_unexpected(self_);
}

callback_actor::behavior_type callback_actor_state::make_behavior() {
  return {
    [this](const deliver_results& x) -> caf::result<void> {
      // Counted first: a client that has its response finds it in the status.
      for (auto& what : *x.jobs)
        count(*what);
      report_tally();
      for (auto& what : *x.jobs)
        deliver(*what);
      if (tally_.callbacks_threw > 0)
        report_tally();
      return caf::unit;
    },
  };
}

// -- delivery -----------------------------------------------------------------

// Messages to callbacks are anonymous: CAF 1.x sends an error to the sender if
// the receiver throws, and an actor that receives an error ends.

void callback_actor_state::deliver(job& what) {
  if (std::holds_alternative<oplist>(what.what))
    deliver_list(what);
  else if (std::holds_alternative<stream_step>(what.what))
    deliver_step(what);
  else
    deliver_operation(what);
  drop_content(what);
}

void callback_actor_state::deliver_operation(job& what) {
  auto& result = what.answers.front();
  if (auto* slot = std::get_if<cafx::reply_slot>(&what.who)) {
    slot->deliver(self_, to_message(std::move(result)));
    return;
  }
  auto& op = std::get<operation>(what.what);
  outcome res{what.id(), without_payload(op), std::move(result)};
  if (auto* who = std::get_if<callback>(&what.who))
    cafx::anon_mail(std::move(res)).send(*who);
  else if (auto* local = std::get_if<local_callback>(&what.who)) {
    if (!(*local)(res))
      ++tally_.callbacks_threw;
  }
}

void callback_actor_state::deliver_step(job& what) {
  // Fair to many writers that wait at the same time.
  if (auto* slot = std::get_if<cafx::reply_slot>(&what.who))
    slot->deliver_in_turn(self_, step_answer(what));
}

void callback_actor_state::deliver_list(job& what) {
  auto res = make_report(what);
  deliver_entries(std::get<oplist>(what.what), res);
  if (auto* slot = std::get_if<cafx::reply_slot>(&what.who))
    slot->deliver(self_, caf::make_message(std::move(res)));
  else if (auto* who = std::get_if<list_callback>(&what.who))
    cafx::anon_mail(std::move(res)).send(*who);
  else if (auto* local = std::get_if<local_list_callback>(&what.who)) {
    if (!(*local)(res))
      ++tally_.callbacks_threw;
  }
}

void callback_actor_state::deliver_entries(const oplist& list,
                                           const oplist_report& report) {
  for (size_t i = 0; i < list.entries.size(); ++i) {
    const auto& entry = list.entries[i];
    const auto& value = report.entries[i].value;
    if (auto* nested = std::get_if<oplist>(&entry.what))
      deliver_entries(*nested, std::get<oplist_report>(value));
    else if (entry.who)
      cafx::anon_mail(std::get<outcome>(value)).send(entry.who);
  }
}

// -- accounting ---------------------------------------------------------------

void callback_actor_state::report_tally() {
  if (jobs_->delivered(std::exchange(tally_, {})))
    self_->mail(all_delivered{}).send(supervisor_);
}

void callback_actor_state::count(const job& what) {
  ++tally_.jobs;
  tally_.ops += what.ops;
  tally_.bytes += what.bytes;
  auto next = what.answers.begin();
  if (auto* list = std::get_if<oplist>(&what.what))
    for_each_operation(
      *list, [&](const auto&, const operation& op) { count(op, *next++); });
  else if (auto* step = std::get_if<stream_step>(&what.what))
    count(*step, *next);
  else
    count(std::get<operation>(what.what), *next);
}

void callback_actor_state::count(const stream_step& step,
                                 const answer& result) {
  if (step.kind == step_kind::abandon)
    return;
  tally_.bytes_written += step.written;
  auto& counts = result ? tally_.succeeded : tally_.failed;
  ++counts.back();
}

void callback_actor_state::count(const operation& op, const answer& result) {
  if (!result) {
    ++tally_.failed[op.index()];
    return;
  }
  ++tally_.succeeded[op.index()];
  tally_.bytes_written += payload_of(op);
  if (auto* bytes = std::get_if<buffer>(&*result))
    tally_.bytes_read += bytes->size();
}

} // namespace spindle
