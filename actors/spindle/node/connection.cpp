#include "spindle/node/connection.hpp"

#include "spindle/node/volume_path.hpp"
#include "spindle/unexpected.hpp"

#include <cstdio>
#include <exception>
#include <tuple>
#include <type_traits>
#include <utility>

namespace spindle {

namespace {

/// What a message takes beside the bytes that an operation carries, at most,
/// apart from long paths.
constexpr uint64_t overhead = 4096;

/// Says what a failure is about, unless it says so itself.
failure about(failure why, const undone& what) {
  if (why.operation.empty())
    why.operation = what.operation;
  if (why.path.empty())
    why.path = what.path;
  return why;
}

/// Describes what a request asks for, if one of its parts says that.
template <class... Ts>
undone describe_request(const Ts&... parts) {
  undone res;
  auto look_at = [&res](const auto& part) {
    if constexpr (requires { describe(part); })
      res = describe(part);
  };
  (look_at(parts), ...);
  return res;
}

/// Returns why a list cannot travel: nodes read none that is deeper.
std::optional<failure> too_deep(const oplist& list) {
  auto depth = list.depth();
  if (depth <= max_message_depth)
    return std::nullopt;
  return failure{.code = errc::limit_exceeded,
                 .detail = "lists travel to nodes up to a depth of "
                         + std::to_string(max_message_depth) + ", this one has "
                         + std::to_string(depth)};
}

std::optional<failure> too_deep(const operation&) {
  return std::nullopt;
}

/// Returns what fails a promise.
template <class Promise>
auto refuse_with(Promise promise) {
  return [promise](failure why) mutable {
    promise.deliver(to_error(std::move(why)));
  };
}

} // namespace

// -- constructors, destructors, and assignment operators ----------------------

connection_state::connection_state(cafx::self_ptr<connection_actor> self,
                                   node_address where, patience waits,
                                   after_loss how)
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

connection_actor::behavior_type connection_state::make_behavior() {
  return [this]<class... Ops>(std::variant<Ops...>*) {
    return connection_actor::behavior_type{
      [this](Ops& x) -> result_of<Ops> {
        return on_request<result_of<Ops>>(std::move(x));
      }...,
      [this](Ops& x, callback& who) -> caf::result<ticket> {
        return on_submission(operation{std::move(x)}, std::move(who));
      }...,
      [this](oplist& x) -> caf::result<oplist_report> {
        return on_list({}, std::move(x));
      },
      [this](oplist& x, list_callback& who) -> caf::result<ticket> {
        return on_submission(std::move(x), std::move(who));
      },
      [this](operation& x, local_callback& who) -> caf::result<ticket> {
        return on_submission(std::move(x), std::move(who));
      },
      [this](oplist& x, local_list_callback& who) -> caf::result<ticket> {
        return on_submission(std::move(x), std::move(who));
      },
      [this](cancel x) -> caf::result<bool> { return forward<bool>(x); },
      [this](get_progress x) -> caf::result<operation_progress> {
        return forward<operation_progress>(x);
      },
      [this](const write_job& x) -> caf::result<writer_actor> {
        return place_remote_writer(self_->system(),
                                   caf::actor_cast<connection_actor>(self_), x);
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
        return forward<answer>(id, x);
      },
      [this](request_id id, oplist& x) -> caf::result<oplist_report> {
        return on_list(id, std::move(x));
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

// -- a lost connection
// ---------------------------------------------------------

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

// -- requests -----------------------------------------------------------------

template <class Out, class Good, class... Ts>
void connection_state::ask(Good good, on_failure bad, Ts... xs) {
  request whose{std::move(bad), describe_request(xs...)};
  if (node_) {
    ask_now<Out>(std::move(good), std::move(whose), std::move(xs)...);
    return;
  }
  auto wrapped = std::make_shared<std::tuple<Ts...>>(std::move(xs)...);
  when_connected(
    [this, good, whose, wrapped] {
      std::apply(
        [&](Ts&... ys) { ask_now<Out>(good, whose, std::move(ys)...); },
        *wrapped);
    },
    whose);
}

template <class Out, class Good, class... Ts>
void connection_state::ask_now(Good good, request whose, Ts... xs) {
  auto number = ++last_number_;
  pending_.emplace(number, std::move(whose));
  auto failed = [this, number](const caf::error& why) {
    auto i = pending_.find(number);
    if (i == pending_.end())
      return;
    auto one = std::move(i->second);
    pending_.erase(i);
    fail(one, explained(why));
    end_if_idle();
  };
  auto done = [this, number, good](auto&... ys) mutable {
    // If it is gone, its connection is, and it has failed.
    if (pending_.erase(number) > 0)
      good(std::move(ys)...);
    end_if_idle();
  };
  auto request = self_->mail(std::move(xs)...).request(node_, cafx::infinite);
  if constexpr (std::is_void_v<Out>)
    std::move(request).then([done]() mutable { done(); }, failed);
  else
    std::move(request).then([done](Out& y) mutable { done(y); }, failed);
}

void connection_state::fail(request& whose, failure why) {
  whose.fail(about(std::move(why), whose.what));
}

template <class Out, class... Ts>
caf::result<Out> connection_state::forward(Ts... xs) {
  if (draining_)
    return to_error(closed());
  auto res = self_->template make_response_promise<Out>();
  auto bad = refuse_with(res);
  if constexpr (std::is_void_v<Out>)
    ask<Out>([res]() mutable { res.deliver(); }, bad, std::move(xs)...);
  else
    ask<Out>([res](Out y) mutable { res.deliver(std::move(y)); }, bad,
             std::move(xs)...);
  return res;
}

void connection_state::ask_for_writer(std::function<void(writer_actor)> good,
                                      on_failure bad, const write_job& job) {
  ask<writer_actor>(std::move(good), std::move(bad), job);
}

void connection_state::ask_for_status(
  const recall_writer& x, cafx::typed_response_promise<writer_status> res) {
  ask<writer_status>(
    [res](writer_status y) mutable { res.deliver(std::move(y)); },
    refuse_with(res), x);
}

template <class Result>
Result connection_state::on_request(operation op) {
  if (draining_)
    return to_error(about(closed(), describe(op)));
  if (auto why = too_large(payload_of(op)))
    return to_error(about(std::move(*why), describe(op)));
  auto slot = std::make_shared<cafx::reply_slot>(self_);
  ask<answer>(
    [this, slot](answer y) { slot->deliver(self_, to_message(std::move(y))); },
    [this, slot](failure why) {
      slot->deliver(self_, caf::make_message(to_error(std::move(why))));
    },
    request_id{}, std::move(op));
  return cafx::answered_elsewhere<Result>();
}

caf::result<oplist_report> connection_state::on_list(request_id id,
                                                     oplist list) {
  auto res = self_->make_response_promise<oplist_report>();
  uint64_t bytes = 0;
  for_each_operation(
    list, [&bytes](oplist_entry&, operation& op) { bytes += payload_of(op); });
  auto why = draining_ ? std::optional{closed()} : too_large(bytes);
  if (!why)
    why = too_deep(list);
  if (why) {
    res.deliver(to_error(about(std::move(*why), describe(list))));
    return res;
  }
  // The list without callbacks, to tell these of a loss.
  auto callbacks = take_callbacks(list);
  auto lost_list = std::make_shared<job>(ticket{}, list, recipient{});
  ask<oplist_report>(
    [res, callbacks](oplist_report y) mutable {
      tell_callbacks(callbacks, y);
      res.deliver(std::move(y));
    },
    [res, callbacks, lost_list](failure reason) mutable {
      refuse(*lost_list, reason.code, reason.detail);
      tell_callbacks(callbacks, make_report(*lost_list));
      res.deliver(to_error(std::move(reason)));
    },
    id, std::move(list));
  return res;
}

template <class Work>
caf::result<ticket> connection_state::on_submission(Work what, recipient who) {
  auto res = self_->make_response_promise<ticket>();
  auto callbacks = std::vector<callback>{};
  if constexpr (std::is_same_v<Work, oplist>)
    callbacks = take_callbacks(what);
  auto kept = std::make_shared<job>(ticket{}, what, std::move(who));
  auto refuse_it = [res, kept](failure why) mutable {
    // Whoever asked gets the error, so the callback hears nothing.
    kept->who = std::monostate{};
    res.deliver(to_error(std::move(why)));
  };
  auto why = draining_ ? std::optional{closed()} : too_large(kept->bytes);
  if (!why)
    why = too_deep(what);
  if (why) {
    refuse_it(about(std::move(*why), describe(what)));
    return res;
  }
  using handle
    = std::conditional_t<std::is_same_v<Work, oplist>, list_callback, callback>;
  ask<ticket>(
    [this, res, kept, callbacks](ticket id) mutable {
      submissions_[id] = {kept, std::move(callbacks)};
      res.deliver(id);
    },
    refuse_it, std::move(what),
    handle{caf::actor_cast<connection_actor>(self_)});
  return res;
}

template <class Result>
void connection_state::on_result(const Result& x) {
  auto found = submissions_.extract(x.ticket);
  if (found.empty())
    return;
  tell(found.mapped(), x);
  end_if_idle();
}

void connection_state::tell(submission& one, const outcome& x) {
  auto who = std::exchange(one.what->who, std::monostate{});
  if (auto* remote = std::get_if<callback>(&who))
    cafx::anon_mail(x).send(*remote);
  else if (auto* local = std::get_if<local_callback>(&who))
    last_words_.totals.callbacks_threw += !(*local)(x);
}

void connection_state::tell(submission& one, const oplist_report& x) {
  auto who = std::exchange(one.what->who, std::monostate{});
  tell_callbacks(one.callbacks, x);
  if (auto* remote = std::get_if<list_callback>(&who))
    cafx::anon_mail(x).send(*remote);
  else if (auto* local = std::get_if<local_list_callback>(&who))
    last_words_.totals.callbacks_threw += !(*local)(x);
}

std::optional<failure> connection_state::too_large(uint64_t bytes) const {
  auto most = welcome_.max_message_bytes;
  if (most == 0 || bytes + overhead <= most)
    return std::nullopt;
  return failure{.code = errc::limit_exceeded,
                 .detail = "max_message_bytes of the node is "
                         + std::to_string(most) + ", the request carries "
                         + std::to_string(bytes)};
}

failure connection_state::explained(const caf::error& why) const {
  auto known = failure_of(why);
  return known ? std::move(*known) : lost(reason_of(why));
}

failure connection_state::lost(std::string why) const {
  return {.code = errc::node_lost,
          .detail
          = "the connection to " + to_string(where_) + ": " + std::move(why)};
}

failure connection_state::closed() const {
  return {.code = errc::shut_down,
          .detail = "the connection to " + to_string(where_) + " is closed"};
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
