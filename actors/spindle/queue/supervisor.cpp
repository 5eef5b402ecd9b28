#include "spindle/queue/supervisor.hpp"

#include "cafx/joined_behavior.hpp"
#include "spindle/queue/submission_handlers.hpp"
#include "spindle/queue/unexpected.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace spindle {

namespace {

failure limit_exceeded(const char* limit, uint64_t found, uint64_t allowed) {
  return {.code = errc::limit_exceeded,
          .operation = "oplist",
          .detail = std::string{limit} + " is " + std::to_string(allowed)
                  + ", the list has " + std::to_string(found)};
}

/// Returns why the terms of a writer forbid a profile, if they do.
std::optional<std::string> excess_of(const enlist& who, profile how) {
  if (!who.max_profile)
    return std::nullopt;
  how.chunk_size = who.chunk_size.value_or(how.chunk_size);
  auto res = excess_of(how, *who.max_profile);
  if (res)
    *res = "max_profile is \"" + who.max_profile->name + "\": " + *res;
  return res;
}

} // namespace

// -- constructors, destructors, and assignment operators ----------------------

supervisor_state::supervisor_state(
  cafx::self_ptr<supervisor_internal_actor> self, settings bounds,
  actor_spawners spawners, engine_terms device)
    : self_(self),
      bounds_(std::move(bounds)),
      spawners_(std::move(spawners)),
      device_(device),
      writers_(bounds_.profiles, bounds_.max_remembered_writers) {
  jobs_->set_depth(device_.depth);
  drop_unexpected(self_);
}

supervisor_state::~supervisor_state() {
  // Only if this actor was killed; otherwise the others have ended before.
  for (const auto& [id, writer] : writers_.alive())
    cafx::anon_mail(queue_gone{}).send(writer.actor);
  for (auto& disk : disks_)
    if (disk.actor)
      caf::anon_send_exit(disk.actor, caf::exit_reason::user_shutdown);
  if (callbacks_)
    caf::anon_send_exit(callbacks_, caf::exit_reason::user_shutdown);
}

// -- handlers -----------------------------------------------------------------

auto supervisor_state::request_handlers() {
  // Mutable references move the operation out of its message. If the message is
  // shared, CAF copies it first.
  return [this]<class... Ops>(std::variant<Ops...>*) {
    return std::tuple{
      [this](Ops& x) -> result_of<Ops> {
        return on_request<result_of<Ops>>(operation{std::move(x)},
                                          lane_of_sender());
      }...,
      [this](oplist& x) -> caf::result<oplist_report> {
        return on_request<caf::result<oplist_report>>(std::move(x),
                                                      lane_of_sender());
      },
    };
  }(static_cast<operation*>(nullptr));
}

auto supervisor_state::control_handlers() {
  return std::tuple{
    [this](cancel x) -> caf::result<bool> { return on_cancel(x.ticket); },
    [this](get_progress x) -> caf::result<operation_progress> {
      return on_get_progress(x.ticket);
    },
    [this](get_status) -> caf::result<queue_status> { return status(); },
    [this](const shutdown& x) -> caf::result<shutdown_report> {
      return on_shutdown(x);
    },
  };
}

auto supervisor_state::writer_handlers() {
  return std::tuple{
    [this](const write_job& x) -> caf::result<writer_actor> {
      return on_write(x);
    },
    [this](const recall_writer& x) -> caf::result<writer_status> {
      return on_recall(x);
    },
    [this](const set_profiles& x) -> caf::result<void> {
      return on_set_profiles(x);
    },
    [this](get_profiles) -> caf::result<profile_list> {
      return profile_list{writers_.profiles()};
    },
    [this](const enlist& x) -> caf::result<enlisted> { return on_enlist(x); },
    [this](stream_step& x) -> caf::result<step_result> {
      auto where = x.where;
      return on_request<caf::result<step_result>>(std::move(x), where);
    },
    [this](const writer_ended& x) -> caf::result<void> {
      writers_.remember(x.id, x.last);
      return caf::unit;
    },
  };
}

auto supervisor_state::internal_handlers() {
  return std::tuple{
    [this](all_delivered) -> caf::result<void> {
      end_if_idle();
      return caf::unit;
    },
    [this](deadline_passed) -> caf::result<void> {
      on_deadline();
      return caf::unit;
    },
    [this](const apply_settings& x) -> caf::result<void> {
      on_apply_settings(x.bounds);
      return caf::unit;
    },
  };
}

supervisor_internal_actor::behavior_type supervisor_state::make_behavior() {
  spawn_actors();
  auto submit = [this](auto what, recipient who, const in_lane* where) {
    return on_submission(std::move(what), std::move(who),
                         where ? *where : lane_of_sender());
  };
  return cafx::joined_behavior<supervisor_internal_actor::behavior_type>(
    self_, request_handlers(), submission_handlers(submit), control_handlers(),
    writer_handlers(), internal_handlers());
}

// -- admission ----------------------------------------------------------------

std::optional<failure> supervisor_state::refusal(size_t ops,
                                                 uint64_t bytes) const {
  auto because = [](errc code, const char* detail) {
    return std::optional<failure>{{.code = code, .detail = detail}};
  };
  if (draining_)
    return because(errc::shut_down,
                   "the queue is shutting down and accepts no more operations");
  auto held = jobs_->held();
  if (held.ops + ops > bounds_.max_pending_ops)
    return because(errc::queue_full, "max_pending_ops would be exceeded");
  if (held.bytes + bytes > bounds_.max_pending_bytes)
    return because(errc::queue_full, "max_pending_bytes would be exceeded");
  return std::nullopt;
}

std::optional<failure> supervisor_state::refusal(const operation& op) const {
  auto res = refusal(1, payload_of(op));
  if (res) {
    res->operation = name_of(op);
    res->path = path_of(op);
  }
  return res;
}

std::optional<failure> supervisor_state::refusal(const oplist& list) const {
  if (auto depth = list.depth(); depth > bounds_.max_oplist_depth)
    return limit_exceeded("max_oplist_depth", depth, bounds_.max_oplist_depth);
  auto ops = list.cost();
  if (ops > bounds_.max_oplist_length)
    return limit_exceeded("max_oplist_length", ops, bounds_.max_oplist_length);
  auto res = refusal(ops, payload_of(list));
  if (res)
    res->operation = "oplist";
  return res;
}

std::optional<failure>
supervisor_state::refusal(const stream_step& step) const {
  // Steps are not limited: their bytes are in memory anyway, and a writer has
  // at most two in flight.
  if (!ending_)
    return std::nullopt;
  return failure{.code = errc::shut_down,
                 .operation = stream_step_name,
                 .path = step.to->target().path,
                 .detail = "the queue is gone"};
}

template <class Job>
ticket supervisor_state::admit(Job&& what, recipient who,
                               const in_lane& where) {
  ticket id{++last_ticket_};
  auto holder = jobs_->push(
    where.id, where.weight,
    std::make_shared<job>(id, std::forward<Job>(what), std::move(who)));
  for (auto& disk : disks_)
    if (disk.id == holder)
      cafx::anon_mail(work_waits{}).send(disk.actor);
  return id;
}

in_lane supervisor_state::lane_of_sender() const {
  const auto& sender = self_->current_sender();
  if (!sender)
    return {};
  if (sender->node() == self_->node())
    return {{sender->id()}};
  // A process on another node is a client, and its actors are its lanes.
  return {{client_of(sender->node()), sender->id()}};
}

template <class Result, class Job>
Result supervisor_state::on_request(Job&& what, const in_lane& where) {
  if (auto why = refusal(what))
    return to_error(std::move(*why));
  admit(std::forward<Job>(what), cafx::reply_slot{self_}, where);
  return cafx::answered_elsewhere<Result>();
}

template <class Job>
caf::result<ticket> supervisor_state::on_submission(Job&& what, recipient who,
                                                    const in_lane& where) {
  if (auto why = refusal(what))
    return to_error(std::move(*why));
  return admit(std::forward<Job>(what), std::move(who), where);
}

void supervisor_state::deliver(job_list jobs) {
  if (!jobs.empty())
    self_->mail(deliver_results{std::make_shared<job_list>(std::move(jobs))})
      .send(callbacks_);
}

// -- the other actors ---------------------------------------------------------

void supervisor_state::spawn_actors() {
  callbacks_ = spawners_.spawn_callbacks(
    caf::actor_cast<supervisor_internal_actor>(self_), jobs_);
  ++actors_alive_;
  self_->monitor(callbacks_, [this](const caf::error& reason) {
    // Without the callback actor, no result would be delivered any more.
    if (ending_)
      on_actor_down();
    else
      self_->quit(reason);
  });
  for (size_t index : {0, 1}) {
    disks_[index].id = index + 1;
    spawn_disk(index);
  }
  introduce_disks();
  cafx::anon_mail(turn{}).send(disks_[0].actor);
}

void supervisor_state::spawn_disk(size_t index) {
  auto& slot = disks_[index];
  slot.actor = spawners_.spawn_disk(slot.id, jobs_, callbacks_, bounds_);
  ++actors_alive_;
  self_->monitor(slot.actor, [this, id = slot.id](const caf::error&) {
    if (ending_)
      on_actor_down();
    else
      on_disk_down(id);
  });
}

void supervisor_state::introduce_disks() {
  for (size_t index : {0, 1}) {
    const auto& peer = disks_[1 - index];
    meet_peer message{caf::actor_cast<caf::strong_actor_ptr>(peer.actor),
                      peer.id};
    cafx::anon_mail(std::move(message)).send(disks_[index].actor);
  }
}

void supervisor_state::on_disk_down(uint64_t id) {
  auto& slot = disks_[disks_[0].id == id ? 0 : 1];
  --actors_alive_;
  ++replaced_;
  slot.id = ++last_disk_id_;
  auto left = jobs_->replace(id, slot.id);
  spawn_disk(slot.id == disks_[0].id ? 0 : 1);
  introduce_disks();
  if (left.had_turn)
    cafx::anon_mail(turn{}).send(slot.actor);
  for (auto& what : left.lost) {
    // Discards the answers so far: a list fails as a whole.
    what->answers.clear();
    refuse(
      *what, errc::disk_actor_failed,
      "the disk actor died while it executed this; it may be done in part");
  }
  deliver(std::move(left.lost));
}

// -- writers ------------------------------------------------------------------

writer_actor supervisor_state::on_write(const write_job& what) {
  auto after = lane_of_sender();
  auto res = spawners_.spawn_writer(
    caf::actor_cast<supervisor_internal_actor>(self_), what, {.after = after});
  // At once, because the client may have sent a shutdown already. If this is
  // refused, the writer learns it when it registers itself.
  std::ignore = on_enlist(registration_of(
    caf::actor_cast<caf::strong_actor_ptr>(res), what, {.after = after}));
  return res;
}

caf::result<enlisted> supervisor_state::on_enlist(const enlist& x) {
  failure why{.code = errc::shut_down,
              .operation = stream_step_name,
              .path = x.path,
              .detail
              = "the queue is shutting down and accepts no more writers"};
  auto actor = caf::actor_cast<writer_internal_actor>(x.writer);
  auto is_new = !writers_.alive().contains(actor.id());
  if (is_new && draining_)
    return to_error(std::move(why));
  if (is_new && writers_.alive().size() >= bounds_.max_writers) {
    why.code = errc::limit_exceeded;
    why.detail = "max_writers is " + std::to_string(bounds_.max_writers);
    return to_error(std::move(why));
  }
  auto profile = writers_.find(x.choice, why);
  if (!profile) {
    why.path = x.path;
    return to_error(std::move(why));
  }
  if (auto too_much = excess_of(x, *profile)) {
    why.code = errc::limit_exceeded;
    why.detail = std::move(*too_much);
    return to_error(std::move(why));
  }
  writers_.put({actor, x.path, x.choice.own ? "" : x.choice.name});
  if (is_new) {
    self_->monitor(actor, [this, id = actor.id()](const caf::error&) {
      writers_.remove(id);
      end_if_idle();
    });
    if (x.after)
      announce_lane(*x.after, actor);
  }
  return enlisted{*profile, bounds_.disk, bounds_.max_buffered_bytes};
}

void supervisor_state::announce_lane(const in_lane& where,
                                     const writer_internal_actor& writer) {
  // An empty list is a barrier: it is done when all before it in the lane is.
  // It is never refused, since the number of writers is limited.
  admit(oplist{}, local_list_callback{[writer](const oplist_report&) {
          cafx::anon_mail(lane_reached{}).send(writer);
        }},
        where);
}

caf::result<writer_status> supervisor_state::on_recall(const recall_writer& x) {
  auto id = x.writer ? x.writer.id() : x.id;
  auto is_here = !x.writer || x.writer.node() == self_->node();
  if (auto* last = writers_.recall(id); last && is_here)
    return *last;
  if (auto i = writers_.alive().find(id);
      i != writers_.alive().end() && is_here) {
    cafx::typed_response_promise<writer_status> res{self_};
    self_->mail(get_status{})
      .request(i->second.actor, cafx::infinite)
      .then([res](writer_status& now) mutable { res.deliver(std::move(now)); },
            [this, id, res, path = i->second.path](caf::error& why) mutable {
              // It may have ended meanwhile, after it reported its end.
              if (auto* last = writers_.recall(id))
                res.deliver(*last);
              else if (failure_of(why))
                res.deliver(std::move(why));
              else
                res.deliver(to_error({.code = errc::writer_lost,
                                      .operation = stream_step_name,
                                      .path = path,
                                      .detail = "the writer was killed"}));
            });
    return res;
  }
  return to_error(failure{.code = errc::not_found,
                          .operation = stream_step_name,
                          .detail = "the queue does not know the writer"});
}

caf::result<void> supervisor_state::on_set_profiles(const set_profiles& x) {
  if (auto why = writer_registry::defect_of(x.profiles))
    return to_error(std::move(*why));
  writers_.use(x.profiles);
  return caf::unit;
}

void supervisor_state::on_apply_settings(const settings& x) {
  auto disk = bounds_.disk;
  bounds_ = x;
  bounds_.disk = disk;
  for (auto& slot : disks_)
    if (slot.actor)
      self_->mail(apply_settings{bounds_}).send(slot.actor);
  writers_.use(x.profiles);
  writers_.limit_remembered(x.max_remembered_writers);
}

// -- control ------------------------------------------------------------------

bool supervisor_state::on_cancel(ticket which) {
  auto [what, where] = jobs_->cancel(which.id);
  if (where == job_state::running || where == job_state::resting) {
    // It ends where it may rest, and its failure says how far it came.
    what->stop = errc::cancelled;
    return true;
  }
  if (where != job_state::waiting)
    return false;
  refuse(*what, errc::cancelled, "it had not started");
  deliver({what});
  return true;
}

caf::result<operation_progress>
supervisor_state::on_get_progress(ticket which) const {
  auto [what, where] = jobs_->find(which.id);
  if (!what)
    return to_error(failure{.code = errc::not_found,
                            .operation = get_progress::type_name,
                            .detail = "it is done, or was never admitted"});
  auto now = what->progress.read();
  return operation_progress{.ticket = which,
                            .operation = std::string{what->name},
                            .started = where != job_state::waiting,
                            .bytes = now.bytes,
                            .total_bytes = now.total_bytes,
                            .entries = now.entries,
                            .path = std::move(now.path)};
}

queue_status supervisor_state::status() {
  auto load = jobs_->load();
  queue_status res;
  res.pending = load.waiting;
  res.running = load.running + load.resting;
  res.delivering = load.held_ops - res.pending - res.running;
  res.pending_bytes = load.held_bytes;
  res.lanes = load.lanes;
  const auto& totals = load.delivered;
  [&]<class... Ops>(std::variant<Ops...>*) {
    size_t kind = 0;
    auto add = [&](const char* name) {
      operation_count count{name, totals.succeeded[kind], totals.failed[kind]};
      ++kind;
      res.succeeded += count.succeeded;
      res.failed += count.failed;
      if (count.succeeded + count.failed > 0)
        res.operations.push_back(std::move(count));
    };
    (add(Ops::type_name), ...);
    add(stream_step_name);
  }(static_cast<operation*>(nullptr));
  res.bytes_written = totals.bytes_written;
  res.bytes_read = totals.bytes_read;
  res.turns.assign(load.turns.begin(), load.turns.end());
  res.units = load.turns[0] + load.turns[1];
  if (res.units > 0)
    res.mean_unit
      = static_cast<double>(load.executed) / static_cast<double>(res.units);
  res.high_water = load.high_water;
  res.callbacks_threw = totals.callbacks_threw;
  res.disk_actors_replaced = replaced_;
  res.writers = writers_.alive().size();
  res.writers_succeeded = writers_.succeeded();
  res.writers_failed = writers_.failed();
  res.engine = device_.kind;
  res.depth = device_.depth;
  return res;
}

caf::result<shutdown_report>
supervisor_state::on_shutdown(const shutdown& how) {
  // Writers that are given up at once must not finish without their rest.
  if (!std::exchange(draining_, true) && !how.at_once())
    for (const auto& [id, writer] : writers_.alive())
      cafx::anon_mail(drain_writer{}).send(writer.actor);
  cafx::typed_response_promise<shutdown_report> res{self_};
  waiting_for_end_.push_back(res);
  if (how.deadline)
    self_->mail(deadline_passed{}).delay(*how.deadline).send(self_);
  end_if_idle();
  return res;
}

void supervisor_state::on_deadline() {
  // Writers are listed themselves, not their steps.
  auto add_undone = [this](const job& what, bool started) {
    if (!std::holds_alternative<stream_step>(what.what) && what.operations > 0)
      undone_.push_back(describe(what, started));
  };
  // First: the lane of a job that is stopped must not begin the next one.
  auto given_up = jobs_->give_up();
  for (const auto& what : jobs_->begun()) {
    add_undone(*what, true);
    what->stop = errc::timed_out;
  }
  for (const auto& [id, writer] : writers_.alive()) {
    undone_.push_back({ticket{}, stream_step_name, writer.path, true});
    cafx::anon_mail(give_up_writer{}).send(writer.actor);
  }
  for (auto& what : given_up) {
    add_undone(*what, false);
    refuse(*what, errc::timed_out, "the queue was shut down before");
  }
  deliver(std::move(given_up));
  answer_shutdowns();
}

void supervisor_state::end_if_idle() {
  if (!draining_ || ending_ || !writers_.alive().empty()
      || !jobs_->await_idle())
    return;
  ending_ = true;
  for (auto& disk : disks_)
    caf::anon_send_exit(std::exchange(disk.actor, {}),
                        caf::exit_reason::user_shutdown);
  caf::anon_send_exit(std::exchange(callbacks_, {}),
                      caf::exit_reason::user_shutdown);
}

void supervisor_state::on_actor_down() {
  if (--actors_alive_ > 0)
    return;
  answer_shutdowns();
  self_->quit();
}

void supervisor_state::answer_shutdowns() {
  shutdown_report report{status(), undone_};
  for (auto& waiting : std::exchange(waiting_for_end_, {}))
    waiting.deliver(report);
}

} // namespace spindle
