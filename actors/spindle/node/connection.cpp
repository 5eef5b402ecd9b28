#include "spindle/node/connection_ask.hpp"
#include "spindle/node/volume_path.hpp"
#include "spindle/queue/unexpected.hpp"

#include <cstdio>
#include <exception>
#include <utility>

namespace spindle {

// -- constructors, destructors, and assignment operators ----------------------

connection_state::connection_state(
  cafx::self_ptr<connection_internal_actor> self, node_address where,
  patience waits, after_loss how)
    : self_(self), where_(std::move(where)), waits_(waits), after_loss_(how) {
  drop_unexpected(self_);
}

connection_state::~connection_state() {
  // Only if killed from outside; otherwise nobody waits.
  try {
    auto why = lost("the connection was killed");
    fail_submissions(why);
    for (auto& [id, writer] : writers_)
      if (!writer.ended)
        cafx::anon_mail(writer_unreachable{why}).send(writer.proxy);
  } catch (const std::exception& why) {
    std::fprintf(stderr, "spindle: nobody could be told of a connection: %s\n",
                 why.what());
  }
}

connection_internal_actor::behavior_type connection_state::make_behavior() {
  return [this]<class... Ops>(std::variant<Ops...>*) {
    return connection_internal_actor::behavior_type{
      [this](Ops& x) -> result_of<Ops> {
        if (auto why = ask_for(std::move(x), lane_of_sender()))
          return why;
        return cafx::answered_elsewhere<result_of<Ops>>();
      }...,
      [this](Ops& x, callback& who) -> caf::result<ticket> {
        return on_submission(operation{std::move(x)}, std::move(who),
                             lane_of_sender());
      }...,
      [this](oplist& x) -> caf::result<oplist_report> {
        return on_list({}, std::move(x), lane_of_sender());
      },
      [this](oplist& x, list_callback& who) -> caf::result<ticket> {
        return on_submission(std::move(x), std::move(who), lane_of_sender());
      },
      [this](operation& x, local_callback& who) -> caf::result<ticket> {
        return on_submission(std::move(x), std::move(who), lane_of_sender());
      },
      [this](oplist& x, local_list_callback& who) -> caf::result<ticket> {
        return on_submission(std::move(x), std::move(who), lane_of_sender());
      },
      // The weight does not travel: the node weighs its clients.
      [this](operation& x, local_callback& who,
             const in_lane& where) -> caf::result<ticket> {
        return on_submission(std::move(x), std::move(who), number_of(where.id));
      },
      [this](oplist& x, local_list_callback& who,
             const in_lane& where) -> caf::result<ticket> {
        return on_submission(std::move(x), std::move(who), number_of(where.id));
      },
      [this](cancel x) -> caf::result<bool> { return forward<bool>(x); },
      [this](get_progress x) -> caf::result<operation_progress> {
        return forward<operation_progress>(x);
      },
      [this](const write_job& x) -> caf::result<writer_actor> {
        return place_remote_writer(
          self_->system(), caf::actor_cast<connection_internal_actor>(self_), x,
          lane_of_sender());
      },
      [this](const recall_writer& x) -> caf::result<writer_status> {
        return on_recall(x);
      },
      [this](const set_profiles& x) -> caf::result<void> {
        return forward<void>(x);
      },
      [this](get_profiles x) -> caf::result<profile_list> {
        return forward<profile_list>(x);
      },
      [this](get_status x) -> caf::result<queue_status> {
        return forward<queue_status>(x);
      },
      [this](const shutdown& x) -> caf::result<shutdown_report> {
        return on_shutdown(x);
      },
      [this](request_id id, const operation& x) -> caf::result<answer> {
        if (auto why = too_large(payload_of(x)))
          return to_error(std::move(*why));
        return forward<answer>(id, x, lane_of_sender());
      },
      [this](request_id id, oplist& x) -> caf::result<oplist_report> {
        return on_list(id, std::move(x), lane_of_sender());
      },
      [this](reach_node) -> caf::result<welcome> {
        auto res = self_->make_response_promise<welcome>();
        is_broken_ = false;
        when_connected([this, res]() mutable { res.deliver(welcome_); },
                       {refuse_with(res)});
        return res;
      },
      [this](next_request_id) -> caf::result<request_id> {
        auto res = self_->make_response_promise<request_id>();
        when_connected(
          [this, res]() mutable {
            res.deliver(request_id{welcome_.client, ++last_sequence_});
          },
          {refuse_with(res)});
        return res;
      },
      [this](const outcome& x) -> caf::result<void> {
        on_result(x);
        return caf::unit;
      },
      [this](const oplist_report& x) -> caf::result<void> {
        on_result(x);
        return caf::unit;
      },
      [this](const place_writer& x) -> caf::result<void> {
        on_place(x);
        return caf::unit;
      },
      [this](look_for_node x) -> caf::result<void> {
        if (x.attempt == attempt_ && node_)
          look();
        return caf::unit;
      },
      [this](give_up_connection) -> caf::result<void> {
        on_deadline();
        return caf::unit;
      },
    };
  }(static_cast<operation*>(nullptr));
}

// -- a lost connection --------------------------------------------------------

void connection_state::on_lost(const std::string& why) {
  connecting_ = false;
  is_broken_ = after_loss_ == after_loss::fail;
  node_ = node_actor{};
  ++attempt_;
  auto reason = lost(why);
  // First, so that none of them is tried again because another one failed.
  refuse_unplaced(reason);
  for (auto& one : std::exchange(waiting_, {}))
    fail(one.whose, reason);
  for (auto& [number, one] : std::exchange(pending_, {}))
    fail(one, reason);
  fail_submissions(reason);
  fail_writers(reason);
  end_if_idle();
}

void connection_state::fail_submissions(const failure& why) {
  for (auto& [id, one] : std::exchange(submissions_, {})) {
    auto& lost_job = *one.what;
    refuse(lost_job, why.code, why.detail);
    if (auto* op = std::get_if<operation>(&lost_job.what)) {
      tell(one, outcome{id, without_payload(*op),
                        std::move(lost_job.answers.front())});
    } else {
      // What says what became of a list is taken out of it: once for all.
      auto report = make_report(lost_job);
      set_ticket(report, id);
      tell(one, report);
    }
  }
}

// -- the end ------------------------------------------------------------------

caf::result<shutdown_report>
connection_state::on_shutdown(const shutdown& how) {
  auto res = self_->make_response_promise<shutdown_report>();
  waiting_for_end_.push_back(res);
  if (how.deadline)
    self_->mail(give_up_connection{}).delay(*how.deadline).send(self_);
  if (!std::exchange(draining_, true))
    for (auto& [id, writer] : writers_)
      if (!writer.ended)
        // Nobody is going to give it more data.
        cafx::anon_mail(finish_writing{}).send(writer.proxy);
  end_if_idle();
  return res;
}

void connection_state::on_deadline() {
  auto& all = last_words_.undone;
  auto add = [&all](undone what, bool started) {
    what.started = started;
    if (!what.operation.empty())
      all.push_back(std::move(what));
  };
  for (const auto& one : waiting_)
    add(one.whose.what, false);
  for (const auto& [number, one] : pending_)
    add(one.what, true);
  for (const auto& [id, one] : submissions_) {
    auto what = describe(*one.what, true);
    what.ticket = id;
    add(std::move(what), true);
  }
  for (const auto& [id, writer] : writers_)
    if (!writer.ended)
      add({.operation = stream_step_name, .path = writer.path}, true);
  on_lost("the connection was closed before");
  end();
}

void connection_state::end_if_idle() {
  auto writing = writers_.size() - ended_writers_.size();
  if (draining_ && pending_.empty() && waiting_.empty() && submissions_.empty()
      && writing == 0)
    end();
}

void connection_state::end() {
  for (auto& waiting : std::exchange(waiting_for_end_, {}))
    waiting.deliver(last_words_);
  node_ = node_actor{};
  ++attempt_;
  self_->quit();
}

} // namespace spindle
