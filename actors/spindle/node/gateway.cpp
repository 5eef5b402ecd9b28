#include "spindle/node/gateway.hpp"

#include "cafx/joined_behavior.hpp"
#include "spindle/node/client_permissions.hpp"
#include "spindle/node/pending_requests.hpp"
#include "spindle/node/volume_path.hpp"
#include "spindle/queue/job.hpp"
#include "spindle/queue/unexpected.hpp"

#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

namespace spindle {

namespace {

size_t count_of(const operation&) {
  return 1;
}

size_t count_of(const oplist& list) {
  return list.cost();
}

} // namespace

// -- constructors, destructors, and assignment operators ----------------------

gateway_state::gateway_state(cafx::self_ptr<gateway_actor> self,
                             std::vector<served_volume> volumes,
                             node_limits limits, node_observer observer,
                             std::shared_ptr<const cafx::unsent_bytes> unsent)
    : self_(self),
      volumes_(std::move(volumes)),
      admission_(std::move(limits), std::move(unsent)),
      reporter_(std::move(observer)) {
  drop_unexpected(self_);
  // A client may link to the gateway, or send it an exit message: that must not
  // end it.
  cafx::on_exit_msg(self_,
                    [this](caf::exit_msg&) { note_unexpected(self_->name()); });
}

gateway_state::~gateway_state() {
  if (!ended_)
    reporter_.report_death("gateway", {});
}

auto gateway_state::operation_handlers() {
  return [this]<class... Ops>(std::variant<Ops...>*) {
    return std::tuple{
      [this](Ops& x) -> result_of<Ops> {
        return on_request<result_of<Ops>>(operation{std::move(x)});
      }...,
      [this](Ops& x, callback& who) -> caf::result<ticket> {
        return on_submission(operation{std::move(x)}, std::move(who), sender());
      }...,
      [this](oplist& x) -> caf::result<oplist_report> {
        return on_request<caf::result<oplist_report>>(std::move(x));
      },
      [this](oplist& x, list_callback& who) -> caf::result<ticket> {
        return on_submission(std::move(x), std::move(who), sender());
      },
      [this](cancel x) -> caf::result<bool> { return on_cancel(x.ticket); },
      [this](get_progress x) -> caf::result<operation_progress> {
        return on_get_progress(x.ticket);
      }};
  }(static_cast<operation*>(nullptr));
}

auto gateway_state::queue_handlers() {
  return std::tuple{
    [this](const write_job& x) -> caf::result<writer_actor> {
      return on_write(x, sender());
    },
    [this](const recall_writer& x) -> caf::result<writer_status> {
      return on_recall(x);
    },
    [this](const set_profiles&) -> caf::result<void> {
      return refused({.code = errc::permission_denied,
                      .operation = "set_profiles",
                      .detail = "only the owner of a node sets its "
                                "profiles, in its configuration"});
    },
    [this](get_profiles) -> caf::result<profile_list> {
      return on_get_profiles();
    },
    [this](get_status) -> caf::result<queue_status> { return on_status(); },
    [this](const shutdown&) -> caf::result<shutdown_report> {
      return refused({.code = errc::permission_denied,
                      .operation = "shutdown",
                      .detail = "only the owner of a node shuts it down, "
                                "where it runs"});
    }};
}

auto gateway_state::connection_handlers() {
  return std::tuple{
    [this](const join& x) -> caf::result<welcome> { return on_join(x); },
    [this](request_id id, operation& x,
           lane_number lane) -> caf::result<answer> {
      return on_identified<caf::result<answer>>(id, std::move(x), sender(lane));
    },
    [this](request_id id, oplist& x,
           lane_number lane) -> caf::result<oplist_report> {
      return on_identified<caf::result<oplist_report>>(id, std::move(x),
                                                       sender(lane));
    },
    [this](operation& x, callback& who,
           lane_number lane) -> caf::result<ticket> {
      return on_submission(std::move(x), std::move(who), sender(lane));
    },
    [this](oplist& x, list_callback& who,
           lane_number lane) -> caf::result<ticket> {
      return on_submission(std::move(x), std::move(who), sender(lane));
    },
    [this](const write_job& x, lane_number lane) -> caf::result<writer_actor> {
      return on_write(x, sender(lane));
    },
    [](ping) -> caf::result<void> { return caf::unit; }};
}

auto gateway_state::internal_handlers() {
  return std::tuple{
    [this](client_op_done& x) -> caf::result<void> {
      on_op_done(x.number, std::move(x.result));
      return caf::unit;
    },
    [this](client_list_done& x) -> caf::result<void> {
      on_list_done(x.number, std::move(x.result));
      return caf::unit;
    },
    [this](const apply_node_limits& x) -> caf::result<void> {
      on_apply(x.limits);
      return caf::unit;
    },
    [this](close_gateway) -> caf::result<void> {
      closed_ = true;
      on_refusals_due();
      return caf::unit;
    },
    [this](flush_gateway) -> caf::result<void> { return on_flush(); },
    [this](check_flush) -> caf::result<void> {
      check_flushed();
      return caf::unit;
    },
    [this](refusals_due) -> caf::result<void> {
      on_refusals_due();
      return caf::unit;
    },
    [this](const answer_handed_over& x) -> caf::result<void> {
      on_handed_over(x);
      return caf::unit;
    },
    [this](end_gateway) -> caf::result<void> {
      ended_ = true;
      self_->quit();
      return caf::unit;
    }};
}

gateway_actor::behavior_type gateway_state::make_behavior() {
  watch_volumes();
  return cafx::joined_behavior<gateway_actor::behavior_type>(
    self_, operation_handlers(), queue_handlers(), connection_handlers(),
    internal_handlers());
}

// -- requests -----------------------------------------------------------------

template <class Work>
std::optional<failure> gateway_state::start(Work what, requester who,
                                            const origin& from) {
  if (closed_)
    return about(
      {.code = errc::shut_down, .detail = "the node is shutting down"},
      describe(what));
  auto callbacks = std::vector<callback>{};
  if constexpr (std::is_same_v<Work, oplist>)
    callbacks = take_callbacks(what);
  auto name = strip_volume_prefix(what);
  if (!name)
    return about(std::move(name.error()), describe(what));
  auto volume = volumes_.find(*name);
  if (!volume)
    return about(std::move(volume.error()), describe(what));
  if (!volumes_[*volume].special_permissions)
    drop_special_permissions(what);
  client_request one{std::move(who), *volume,          from.client,
                     count_of(what), payload_of(what), std::move(callbacks)};
  if (auto why = admission_.admit(from.client, one.ops, one.bytes, now())) {
    auto res = about(std::move(*why), describe(what));
    add_volume_prefix(*name, res);
    refuse_late(std::move(one.who), refused(std::move(res)));
    return std::nullopt;
  }
  auto number = requests_.add(std::move(one));
  submit(number, std::move(what), volumes_[*volume].disk.front(), from.lane);
  return std::nullopt;
}

template <class Work>
void gateway_state::submit(uint64_t number, Work what, const front_actor& to,
                           const lane_id& lane) {
  using is_list = std::is_same<Work, oplist>;
  using function
    = std::conditional_t<is_list::value, local_list_callback, local_callback>;
  using message
    = std::conditional_t<is_list::value, client_list_done, client_op_done>;
  auto me = caf::actor_cast<gateway_actor>(self_);
  self_
    ->mail(std::move(what), function{[me, number](const auto& result) {
             cafx::anon_mail(message{number, result}).send(me);
           }},
           in_lane{lane, admission_.limits().weight})
    .request(to, cafx::infinite)
    .then([this, number](ticket id) { on_admitted(number, id); },
          [this, number](const caf::error& why) { on_refused(number, why); });
}

template <class Result, class Work>
Result gateway_state::on_request(Work what) {
  auto from = sender();
  if (auto why
      = start(std::move(what), plain_requester{cafx::reply_slot{self_}}, from))
    return refused(std::move(*why));
  return cafx::answered_elsewhere<Result>();
}

template <class Work, class Callback>
caf::result<ticket> gateway_state::on_submission(Work what, Callback who,
                                                 const origin& from) {
  cafx::typed_response_promise<ticket> res{self_};
  if (auto why = start(std::move(what), submitter{res, std::move(who)}, from))
    res.deliver(refused(std::move(*why)));
  return res;
}

template <class Result, class Work>
Result gateway_state::on_identified(request_id id, Work what,
                                    const origin& from) {
  using verdict = client_sessions::memory::verdict;
  auto refuse = [&](errc code, std::string detail) -> Result {
    return refused(
      about({.code = code, .detail = std::move(detail)}, describe(what)));
  };
  auto run = [&](auto forget) -> Result {
    if (auto why
        = start(std::move(what),
                identified_requester{cafx::reply_slot{self_}, id}, from)) {
      forget();
      return refused(std::move(*why));
    }
    return cafx::answered_elsewhere<Result>();
  };
  if (id.client == 0)
    return run([] {});
  auto* memory = sessions_.find(id.client);
  if (!memory)
    return refuse(errc::request_expired,
                  "the node does not know the client any more, and may have "
                  "done the request: connect again, and check");
  switch (memory->admit(id.sequence, std::is_same_v<Work, oplist>)) {
    case verdict::run:
      return run([&] { memory->drop(id.sequence); });
    case verdict::wait:
      return on_repetition<Result>(id, what, *memory, false);
    case verdict::answer:
      return on_repetition<Result>(id, what, *memory, true);
    case verdict::mistaken:
      return refuse(errc::invalid_argument,
                    "the number " + std::to_string(id.sequence)
                      + " belongs to another request: use a new one");
    default:
      return refuse(
        errc::request_expired,
        "request " + std::to_string(id.sequence)
          + " is too old: the node remembers the answers of at most "
          + std::to_string(admission_.limits().request_window)
          + " requests, and of "
          + std::to_string(admission_.limits().request_window_bytes)
          + " bytes, and may have done this one");
  }
}

template <class Result, class Work>
Result gateway_state::on_repetition(request_id id, const Work& what,
                                    client_sessions::memory& from,
                                    bool is_done) {
  cafx::reply_slot slot{self_};
  // A repetition that waits takes memory, as a pending operation does.
  auto why = admission_.admit(sender_node(), is_done ? 0 : 1, 0, now());
  if (!why && is_done)
    why = admission_.answer_excess(sender_node(),
                                   payload_of(from.answer_of(id.sequence)));
  if (why)
    refuse_late(plain_requester{std::move(slot)},
                refused(about(std::move(*why), describe(what))));
  else if (is_done)
    respond_again(std::move(slot), from.answer_of(id.sequence));
  else
    from.wait(id.sequence, {std::move(slot), sender_node()});
  return cafx::answered_elsewhere<Result>();
}

void gateway_state::on_admitted(uint64_t number, ticket id) {
  auto* one = requests_.find(number);
  if (!one)
    return;
  one->admitted = id;
  if (auto* who = std::get_if<submitter>(&one->who))
    who->promise.deliver(ticket{number});
  for (auto& promise : std::exchange(one->cancelling, {}))
    cancel_at(volumes_[one->volume], id, promise);
}

void gateway_state::on_refused(uint64_t number, const caf::error& why) {
  auto one = take(number);
  if (!one)
    return;
  auto reason = failure_of(why).value_or(queue_gone_failure());
  add_volume_prefix(volumes_[one->volume].info.name, reason);
  for (auto& promise : one->cancelling)
    promise.deliver(false);
  respond_refused(one->who, refused(std::move(reason)));
}

} // namespace spindle
