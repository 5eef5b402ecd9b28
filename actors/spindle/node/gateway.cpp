#include "spindle/node/gateway.hpp"

#include "spindle/node/client_permissions.hpp"
#include "spindle/node/status_sum.hpp"
#include "spindle/node/volume_path.hpp"
#include "spindle/queue/unexpected.hpp"

#include <algorithm>
#include <memory>
#include <type_traits>

namespace spindle {

namespace {

size_t count_of(const operation&) {
  return 1;
}

size_t count_of(const oplist& list) {
  return list.cost();
}

uint64_t bytes_of(const operation& op) {
  return payload_of(op);
}

uint64_t bytes_of(const oplist& list) {
  uint64_t res = 0;
  for_each_operation(list, [&res](const oplist_entry&, const operation& op) {
    res += payload_of(op);
  });
  return res;
}

failure queue_gone_failure(std::string operation = {}) {
  return {.code = errc::shut_down,
          .operation = std::move(operation),
          .detail = "the queue of the volume is gone"};
}

/// Says what was refused, if the reason does not.
template <class Work>
failure saying_what(failure why, const Work& what) {
  auto complete = [](std::string& text, std::string_view missing) {
    if (text.empty())
      text = missing;
  };
  if constexpr (std::is_same_v<Work, operation>) {
    complete(why.operation, name_of(what));
    complete(why.path, path_of(what));
  } else {
    complete(why.operation, "oplist");
  }
  return why;
}

} // namespace

// -- constructors, destructors, and assignment operators ----------------------

gateway_state::gateway_state(cafx::self_ptr<gateway_actor> self,
                             std::vector<served_volume> volumes,
                             node_limits limits, node_observer observer,
                             std::shared_ptr<const cafx::unsent_bytes> unsent)
    : self_(self),
      volumes_(std::move(volumes)),
      limits_(std::move(limits)),
      observer_(std::move(observer)),
      answers_(std::move(unsent)) {
  drop_unexpected(self_);
  // Clients may link to the gateway, or tell it to end. That is not theirs.
  cafx::on_exit_msg(self_,
                    [this](caf::exit_msg&) { note_unexpected(self_->name()); });
}

gateway_state::~gateway_state() {
  if (!ended_)
    observe_death("gateway", {});
}

gateway_actor::behavior_type gateway_state::make_behavior() {
  watch_volumes();
  return [this]<class... Ops>(std::variant<Ops...>*) {
    return gateway_actor::behavior_type{
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
      },
      [this](const write_job& x) -> caf::result<writer_actor> {
        return on_write(x, sender());
      },
      [this](const recall_writer& x) -> caf::result<writer_status> {
        return on_recall(x);
      },
      [this](const set_profiles&) -> caf::result<void> {
        return refused({.code = errc::permission_denied,
                        .operation = "set_profiles",
                        .detail = "the profiles are the node's"});
      },
      [this](get_profiles) -> caf::result<profile_list> {
        return on_get_profiles();
      },
      [this](get_status) -> caf::result<queue_status> { return on_status(); },
      [this](const shutdown&) -> caf::result<shutdown_report> {
        return refused({.code = errc::permission_denied,
                        .operation = "shutdown",
                        .detail = "a node is shut down where it runs"});
      },
      [this](const join& x) -> caf::result<welcome> { return on_join(x); },
      [this](request_id id, operation& x,
             lane_number lane) -> caf::result<answer> {
        return on_identified<caf::result<answer>>(id, std::move(x),
                                                  sender(lane));
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
      [this](const write_job& x, lane_number lane)
        -> caf::result<writer_actor> { return on_write(x, sender(lane)); },
      [](ping) -> caf::result<void> { return caf::unit; },
      [this](client_op_done& x) -> caf::result<void> {
        on_op_done(x.number, std::move(x.result));
        return caf::unit;
      },
      [this](client_list_done& x) -> caf::result<void> {
        on_list_done(x.number, std::move(x.result));
        return caf::unit;
      },
      [this](const apply_node_limits& x) -> caf::result<void> {
        on_limits(x.limits);
        return caf::unit;
      },
      [this](close_gateway) -> caf::result<void> {
        closed_ = true;
        on_refusals_due();
        return caf::unit;
      },
      [this](flush_gateway) -> caf::result<void> { return on_flush(); },
      [this](look_for_unsent) -> caf::result<void> {
        answer_flush();
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
      },
    };
  }(static_cast<operation*>(nullptr));
}

// -- requests -----------------------------------------------------------------

template <class Work>
std::optional<failure> gateway_state::start(Work what, asker who,
                                            const origin& from) {
  if (closed_)
    return saying_what(
      {.code = errc::shut_down, .detail = "the node is shutting down"}, what);
  auto callbacks = std::vector<callback>{};
  if constexpr (std::is_same_v<Work, oplist>)
    callbacks = take_callbacks(what);
  auto name = leave_volume(what);
  if (!name)
    return saying_what(std::move(name.error()), what);
  auto volume = find_volume(*name);
  if (!volume)
    return saying_what(std::move(volume.error()), what);
  if (!volumes_[*volume].special_permissions)
    drop_special_permissions(what);
  request one{std::move(who), *volume,        from.client,
              count_of(what), bytes_of(what), std::move(callbacks)};
  if (auto why = admit(from.client, one.ops, one.bytes)) {
    auto res = saying_what(std::move(*why), what);
    enter_volume(*name, res);
    refuse_late(std::move(one.who), refused(std::move(res)));
    return std::nullopt;
  }
  auto number = ++last_number_;
  requests_.emplace(number, std::move(one));
  hand_over(number, std::move(what), volumes_[*volume].disk.front(), from.lane);
  return std::nullopt;
}

template <class Work>
void gateway_state::hand_over(uint64_t number, Work what, const front_actor& to,
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
           in_lane{lane, limits_.weight})
    .request(to, cafx::infinite)
    .then([this, number](ticket id) { on_admitted(number, id); },
          [this, number](const caf::error& why) { on_refused(number, why); });
}

template <class Result, class Work>
Result gateway_state::on_request(Work what) {
  auto from = sender();
  if (auto why = start(std::move(what), plain{cafx::reply_slot{self_}}, from))
    return refused(std::move(*why));
  return cafx::answered_elsewhere<Result>();
}

template <class Work, class Callback>
caf::result<ticket> gateway_state::on_submission(Work what, Callback who,
                                                 const origin& from) {
  auto res = self_->make_response_promise<ticket>();
  if (auto why = start(std::move(what), submitted{res, std::move(who)}, from))
    res.deliver(refused(std::move(*why)));
  return res;
}

template <class Result, class Work>
Result gateway_state::on_identified(request_id id, Work what,
                                    const origin& from) {
  using verdict = client_sessions::memory::verdict;
  auto refuse = [&](errc code, std::string detail) -> Result {
    return refused(
      saying_what({.code = code, .detail = std::move(detail)}, what));
  };
  auto run = [&](auto forget) -> Result {
    if (auto why = start(std::move(what),
                         identified{cafx::reply_slot{self_}, id}, from)) {
      forget();
      return refused(std::move(*why));
    }
    return cafx::answered_elsewhere<Result>();
  };
  if (id.client == 0)
    return run([] {});
  auto* memory = clients_.find(id.client);
  if (!memory)
    return refuse(errc::request_expired,
                  "the node does not know the client, or not any more");
  switch (memory->admit(id.sequence, std::is_same_v<Work, oplist>)) {
    case verdict::run:
      return run([&] { memory->drop(id.sequence); });
    case verdict::wait:
      return on_repetition<Result>(id, what, *memory, false);
    case verdict::answer:
      return on_repetition<Result>(id, what, *memory, true);
    case verdict::mistaken:
      return refuse(errc::invalid_argument, "request "
                                              + std::to_string(id.sequence)
                                              + " was another one");
    default:
      return refuse(errc::request_expired,
                    "request " + std::to_string(id.sequence)
                      + " has left the window, which has "
                      + std::to_string(limits_.request_window) + " requests");
  }
}

template <class Result, class Work>
Result gateway_state::on_repetition(request_id id, const Work& what,
                                    client_sessions::memory& from,
                                    bool is_done) {
  cafx::reply_slot slot{self_};
  // Who waits takes memory, as operations under way do.
  auto why = admit(sender_node(), is_done ? 0 : 1, 0);
  if (!why && is_done)
    why = answer_excess(sender_node(), payload_of(from.answer_of(id.sequence)));
  if (why)
    refuse_late(plain{std::move(slot)},
                refused(saying_what(std::move(*why), what)));
  else if (is_done)
    tell(std::move(slot), from.answer_of(id.sequence));
  else
    from.wait(id.sequence, {std::move(slot), sender_node()});
  return cafx::answered_elsewhere<Result>();
}

std::optional<failure> gateway_state::admit(const caf::node_id& client,
                                            size_t ops, uint64_t bytes) {
  if (auto why = node_excess(bytes))
    return why;
  if (auto why = account_of(client).admit(
        limits_, ops, bytes, answers_.of(client), self_->clock().now()))
    return why;
  held_bytes_ += bytes;
  return std::nullopt;
}

std::optional<failure> gateway_state::node_excess(uint64_t bytes) const {
  if (bytes == 0
      || held_bytes_ + answers_.total() + bytes <= limits_.max_total_bytes)
    return std::nullopt;
  return failure{.code = errc::limit_exceeded,
                 .detail = "max_total_bytes of all clients is "
                         + std::to_string(limits_.max_total_bytes)};
}

void gateway_state::on_admitted(uint64_t number, ticket id) {
  auto i = requests_.find(number);
  if (i == requests_.end())
    return;
  auto& one = i->second;
  one.admitted = id;
  if (auto* asked = std::get_if<submitted>(&one.who))
    asked->promise.deliver(ticket{number});
  for (auto& waiting : std::exchange(one.cancelling, {}))
    cancel_at(volumes_[one.volume], id, waiting);
}

void gateway_state::on_refused(uint64_t number, const caf::error& why) {
  auto one = take(number);
  if (!one)
    return;
  auto reason = failure_of(why).value_or(queue_gone_failure());
  enter_volume(volumes_[one->volume].info.name, reason);
  for (auto& waiting : one->cancelling)
    waiting.deliver(false);
  tell_refused(one->who, refused(std::move(reason)));
}

// -- progress -----------------------------------------------------------------

caf::result<operation_progress> gateway_state::on_get_progress(ticket which) {
  auto i = requests_.find(which.id);
  // A client learns its ticket when the queue has admitted the request.
  if (i == requests_.end() || i->second.client != sender_node()
      || !i->second.admitted)
    return to_error(failure{.code = errc::not_found,
                            .operation = get_progress::type_name,
                            .detail = "it is done, or was never admitted"});
  auto res = self_->make_response_promise<operation_progress>();
  const auto& volume = volumes_[i->second.volume];
  self_->mail(get_progress{*i->second.admitted})
    .request(volume.disk.front(), cafx::infinite)
    .then(
      [res, which, name = volume.info.name](operation_progress& now) mutable {
        now.ticket = which;
        enter_volume(name, now);
        res.deliver(std::move(now));
      },
      [res](caf::error& why) mutable { res.deliver(std::move(why)); });
  return res;
}

// -- cancelling ---------------------------------------------------------------

caf::result<bool> gateway_state::on_cancel(ticket which) {
  auto i = requests_.find(which.id);
  if (i == requests_.end() || i->second.client != sender_node())
    return false;
  auto res = self_->make_response_promise<bool>();
  auto& one = i->second;
  if (one.admitted)
    cancel_at(volumes_[one.volume], *one.admitted, res);
  else
    one.cancelling.push_back(res);
  return res;
}

void gateway_state::cancel_at(const served_volume& volume, ticket which,
                              cafx::typed_response_promise<bool> res) {
  self_->mail(cancel{which})
    .request(volume.disk.front(), cafx::infinite)
    .then([res](bool done) mutable { res.deliver(done); },
          [res](caf::error& why) mutable { res.deliver(std::move(why)); });
}

// -- clients ------------------------------------------------------------------

caf::result<welcome> gateway_state::on_join(const join& x) {
  if (closed_)
    return refused({.code = errc::shut_down,
                    .operation = "join",
                    .detail = "the node is shutting down"});
  if (x.version != protocol_version)
    return refused({.code = errc::not_supported,
                    .operation = "join",
                    .detail = "the client speaks version "
                            + std::to_string(x.version)
                            + " of the protocol, the node version "
                            + std::to_string(protocol_version)});
  auto id = clients_.enter(x.client, limits_);
  if (auto gone = clients_.forget(limits_.max_remembered_clients);
      !gone.empty())
    tell(std::move(gone),
         caf::make_message(refused(
           {.code = errc::request_expired,
            .detail = "the node has to remember too many other clients"})),
         0);
  welcome res{.client = id, .max_message_bytes = limits_.max_message_bytes};
  for (const auto& volume : volumes_)
    res.volumes.push_back(volume.info);
  observe("joined", {{"node", to_string(sender_node())},
                     {"again", id == x.client ? "true" : "false"}});
  return res;
}

caf::node_id gateway_state::sender_node() const {
  auto sender = self_->current_sender();
  return sender ? sender->node() : caf::node_id{};
}

gateway_state::origin gateway_state::sender() const {
  auto sender = self_->current_sender();
  return this->sender(lane_number{sender ? sender->id() : 0});
}

gateway_state::origin gateway_state::sender(lane_number lane) const {
  auto client = sender_node();
  return {client, {client_of(client), lane.value}};
}

client_account& gateway_state::account_of(const caf::node_id& client) {
  return clients_.account_of(client, self_->clock().now());
}

tl::expected<size_t, failure>
gateway_state::find_volume(const std::string& name) const {
  // A list without operations is of any volume.
  auto i = std::find_if(volumes_.begin(), volumes_.end(), [&](const auto& x) {
    return name.empty() || x.info.name == name;
  });
  if (i != volumes_.end())
    return static_cast<size_t>(i - volumes_.begin());
  std::string known;
  for (const auto& volume : volumes_)
    known += (known.empty() ? "" : ", ") + volume.info.name;
  return tl::unexpected{
    failure{.code = errc::not_found,
            .path = name + ":",
            .detail = "there is no such volume, but there are: " + known}};
}

// -- others -------------------------------------------------------------------

caf::result<queue_status> gateway_state::on_status() {
  auto res = self_->make_response_promise<queue_status>();
  auto sum = std::make_shared<queue_status>();
  auto left = std::make_shared<size_t>(volumes_.size());
  auto one_less = [res, sum, left]() mutable {
    if (--*left == 0)
      res.deliver(*sum);
  };
  for (const auto& volume : volumes_)
    self_->mail(get_status{})
      .request(volume.disk.front(), cafx::infinite)
      .then(
        [sum, one_less](const queue_status& x) mutable {
          add(*sum, x);
          one_less();
        },
        [one_less](const caf::error&) mutable { one_less(); });
  return res;
}

caf::result<profile_list> gateway_state::on_get_profiles() {
  // Not delegated: the answer would tell the client where the queue is.
  auto res = self_->make_response_promise<profile_list>();
  self_->mail(get_profiles{})
    .request(volumes_.front().disk.front(), cafx::infinite)
    .then([res](profile_list& x) mutable { res.deliver(std::move(x)); },
          [res](const caf::error&) mutable {
            res.deliver(to_error(queue_gone_failure("get_profiles")));
          });
  return res;
}

void gateway_state::on_limits(const node_limits& x) {
  auto listening = std::exchange(limits_, x);
  // Clients are told what the node reads of a message, and that stays.
  limits_.max_connections = listening.max_connections;
  limits_.max_message_bytes = listening.max_message_bytes;
  limits_.max_handshakes = listening.max_handshakes;
  limits_.max_unfinished_bytes = listening.max_unfinished_bytes;
}

void gateway_state::watch_volumes() {
  for (const auto& volume : volumes_)
    self_->monitor(volume.disk.front(),
                   [this, name = volume.info.name](const caf::error& why) {
                     if (!closed_)
                       observe_death("volume " + name, why);
                   });
}

caf::error gateway_state::refused(failure why) {
  observe_refusal(sender_node(), why);
  return to_error(std::move(why));
}

void gateway_state::observe_refusal(const caf::node_id& client,
                                    const failure& why) {
  observe("refused", {{"node", to_string(client)},
                      {"error", to_string(why.code)},
                      {"operation", why.operation},
                      {"path", why.path},
                      {"detail", why.detail}});
}

void gateway_state::observe(
  std::string event, std::vector<std::pair<std::string, std::string>> details) {
  if (!observer_)
    return;
  auto others = events_.admit(event, self_->clock().now());
  if (!others)
    return;
  details.emplace_back("others", std::to_string(*others));
  observer_({std::move(event), std::move(details)});
}

void gateway_state::observe_death(const std::string& what,
                                  const caf::error& why) const {
  if (observer_)
    observer_({"died", {{"what", what}, {"reason", reason_of(why)}}});
}

} // namespace spindle
