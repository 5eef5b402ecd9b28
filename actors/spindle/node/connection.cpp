#include "cafx/joined_behavior.hpp"
#include "spindle/node/connection_ask.hpp"
#include "spindle/node/volume_path.hpp"
#include "spindle/queue/submission_handlers.hpp"
#include "spindle/queue/unexpected.hpp"

#include <cstdio>
#include <exception>
#include <tuple>
#include <utility>

namespace spindle {

// -- constructors, destructors, and assignment operators ----------------------

connection_state::connection_state(
  cafx::self_ptr<connection_internal_actor> self, node_address where,
  timeouts limits, after_loss how)
    : self_(self),
      link_(self, std::move(where), limits, how,
            {[this] { requests_.send_waiting(); },
             [this](const std::string& why) { on_lost(why); }}) {
  drop_unexpected(self_);
}

connection_state::~connection_state() {
  // Something is pending only if the actor was killed.
  try {
    auto why = lost("the connection was killed");
    submissions_.fail_all(why);
    writers_.notify_all(why);
  } catch (const std::exception& why) {
    std::fprintf(stderr,
                 "spindle: a connection was killed, and its callbacks were not "
                 "told: %s\n",
                 why.what());
  }
}

// -- handlers -----------------------------------------------------------------

auto connection_state::request_handlers() {
  return [this]<class... Ops>(std::variant<Ops...>*) {
    return std::tuple{
      [this](Ops& x) -> result_of<Ops> {
        if (auto why = ask_for(std::move(x), lane_of_sender()))
          return why;
        return cafx::answered_elsewhere<result_of<Ops>>();
      }...,
      [this](oplist& x) -> caf::result<oplist_report> {
        return on_list({}, std::move(x), lane_of_sender());
      },
    };
  }(static_cast<operation*>(nullptr));
}

auto connection_state::identified_handlers() {
  return std::tuple{
    [this](request_id id, const operation& x) -> caf::result<answer> {
      return on_identified(id, x);
    },
    [this](request_id id, oplist& x) -> caf::result<oplist_report> {
      return on_list(id, std::move(x), lane_of_sender());
    },
    [this](next_request_id) -> caf::result<request_id> {
      return on_next_request_id();
    },
  };
}

auto connection_state::control_handlers() {
  return std::tuple{
    [this](cancel x) -> caf::result<bool> { return forward<bool>(x); },
    [this](get_progress x) -> caf::result<operation_progress> {
      return forward<operation_progress>(x);
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
    [this](give_up_connection) -> caf::result<void> {
      on_deadline();
      return caf::unit;
    },
  };
}

auto connection_state::writer_handlers() {
  return std::tuple{
    [this](const write_job& x) -> caf::result<writer_actor> {
      return place_remote_writer(
        self_->system(), caf::actor_cast<connection_internal_actor>(self_), x,
        lane_of_sender());
    },
    [this](const place_writer& x) -> caf::result<void> {
      on_place(x);
      return caf::unit;
    },
    [this](const recall_writer& x) -> caf::result<writer_status> {
      return on_recall(x);
    },
  };
}

auto connection_state::link_handlers() {
  return std::tuple{
    [this](reach_node) -> caf::result<welcome> { return on_reach_node(); },
    [this](const outcome& x) -> caf::result<void> {
      on_result(x);
      return caf::unit;
    },
    [this](const oplist_report& x) -> caf::result<void> {
      on_result(x);
      return caf::unit;
    },
    [this](ping_due x) -> caf::result<void> {
      link_.on_ping_due(x);
      return caf::unit;
    },
  };
}

connection_internal_actor::behavior_type connection_state::make_behavior() {
  auto submit = [this](auto what, recipient who, const in_lane* where) {
    // The weight does not travel: the node weighs its clients.
    return on_submission(std::move(what), std::move(who),
                         where ? number_of(where->id) : lane_of_sender());
  };
  return cafx::joined_behavior<connection_internal_actor::behavior_type>(
    self_, request_handlers(), submission_handlers(submit),
    identified_handlers(), control_handlers(), writer_handlers(),
    link_handlers());
}

// -- the link -----------------------------------------------------------------

void connection_state::when_connected(std::function<void()> send,
                                      pending_request one) {
  if (link_.node()) {
    send();
    return;
  }
  if (link_.is_broken()) {
    fail(one, lost("it is broken: reconnect"));
    return;
  }
  if (!requests_.has_room()) {
    fail(one, {.code = errc::queue_full,
               .detail = "too many requests wait for the connection to "
                       + to_string(link_.address()) + ": try again later"});
    return;
  }
  requests_.wait(std::move(send), std::move(one));
  link_.connect();
}

void connection_state::on_lost(const std::string& why) {
  auto reason = lost(why);
  // First, so that none of them is sent again because another one has failed.
  writers_.refuse_unplaced(reason);
  requests_.fail_all(reason);
  submissions_.fail_all(reason);
  writers_.fail_all(reason);
  end_if_idle();
}

// -- the messages of the link -------------------------------------------------

caf::result<welcome> connection_state::on_reach_node() {
  cafx::typed_response_promise<welcome> res{self_};
  link_.allow_reconnect();
  when_connected([this, res]() mutable { res.deliver(link_.last_welcome()); },
                 {refuse_with(res, {.operation = "connect",
                                    .path = to_string(link_.address())})});
  return res;
}

caf::result<request_id> connection_state::on_next_request_id() {
  cafx::typed_response_promise<request_id> res{self_};
  when_connected(
    [this, res]() mutable {
      res.deliver(request_id{link_.last_welcome().client, ++last_sequence_});
    },
    {refuse_with(res, {.operation = "next_request_id"})});
  return res;
}

// -- the end ------------------------------------------------------------------

caf::result<shutdown_report>
connection_state::on_shutdown(const shutdown& how) {
  cafx::typed_response_promise<shutdown_report> res{self_};
  shutdowns_.push_back(res);
  if (how.deadline)
    self_->mail(give_up_connection{}).delay(*how.deadline).send(self_);
  // Writers that are given up at once must not finish without their rest.
  if (!std::exchange(draining_, true) && !how.at_once())
    writers_.finish_all();
  end_if_idle();
  return res;
}

void connection_state::on_deadline() {
  requests_.add_undone(undone_);
  submissions_.add_undone(undone_);
  writers_.add_undone(undone_);
  link_.lose("the connection was closed before");
  end();
}

void connection_state::end_if_idle() {
  if (draining_ && requests_.empty() && submissions_.empty()
      && writers_.all_ended())
    end();
}

void connection_state::end() {
  shutdown_report report{.undone = undone_};
  report.totals.callbacks_threw = submissions_.callbacks_threw();
  for (auto& promise : std::exchange(shutdowns_, {}))
    promise.deliver(report);
  link_.drop();
  self_->quit();
}

} // namespace spindle
