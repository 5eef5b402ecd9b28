#include "spindle/node/gateway.hpp"

#include "spindle/node/status_sum.hpp"
#include "spindle/node/volume_path.hpp"

#include <algorithm>
#include <chrono>
#include <memory>
#include <type_traits>

namespace spindle {

namespace {

/// How long those wait for the answer, at least, who asked for more than they
/// may; how long between one and the next, lest many ask again at the same
/// time; and how many wait at once.
constexpr auto refusal_pause = std::chrono::milliseconds{100};
constexpr auto refusal_spacing = std::chrono::milliseconds{1};
constexpr size_t max_late_refusals = 1'000;

size_t count_of(const operation&) {
  return 1;
}

size_t count_of(const oplist& list) {
  return list.size();
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

caf::message message_of(const remembered_answer& result) {
  return std::visit([](const auto& x) { return caf::make_message(x); }, result);
}

uint64_t bytes_of(const remembered_answer& result) {
  // What it takes beside its data need not be exact.
  constexpr uint64_t overhead = 512;
  return overhead
       + std::visit([](const auto& x) { return payload_of(x); }, result);
}

} // namespace

// -- constructors, destructors, and assignment operators ----------------------

gateway_state::gateway_state(cafx::self_ptr<gateway_actor> self,
                             std::vector<served_volume> volumes,
                             node_limits limits, node_observer observer)
    : self_(self),
      volumes_(std::move(volumes)),
      limits_(std::move(limits)),
      observer_(std::move(observer)) {}

gateway_actor::behavior_type gateway_state::make_behavior() {
  return [this]<class... Ops>(std::variant<Ops...>*) {
    return gateway_actor::behavior_type{
      [this](Ops& x) -> result_of<Ops> {
        return on_request<result_of<Ops>>(operation{std::move(x)});
      }...,
      [this](Ops& x, callback& who) -> caf::result<ticket> {
        return on_submission(operation{std::move(x)}, std::move(who));
      }...,
      [this](oplist& x) -> caf::result<oplist_report> {
        return on_request<caf::result<oplist_report>>(std::move(x));
      },
      [this](oplist& x, list_callback& who) -> caf::result<ticket> {
        return on_submission(std::move(x), std::move(who));
      },
      [this](cancel x) -> caf::result<bool> { return on_cancel(x.ticket); },
      [this](get_progress x) -> caf::result<operation_progress> {
        return on_get_progress(x.ticket);
      },
      [this](const write_job& x) -> caf::result<writer_actor> {
        return on_write(x);
      },
      [this](const recall_writer& x) -> caf::result<writer_status> {
        return on_recall(x);
      },
      [this](const set_profiles&) -> caf::result<void> {
        return refused({.code = errc::permission_denied,
                        .operation = "set_profiles",
                        .detail = "the profiles are the node's"});
      },
      [this](get_profiles x) -> caf::result<profile_list> {
        return self_->mail(x).delegate(volumes_.front().disk.front());
      },
      [this](get_status) -> caf::result<queue_status> { return on_status(); },
      [this](const shutdown&) -> caf::result<shutdown_report> {
        return refused({.code = errc::permission_denied,
                        .operation = "shutdown",
                        .detail = "a node is shut down where it runs"});
      },
      [this](operation& x, callback& who) -> caf::result<ticket> {
        return on_submission(std::move(x), std::move(who));
      },
      [this](const join& x) -> caf::result<welcome> { return on_join(x); },
      [this](request_id id, operation& x) -> caf::result<answer> {
        return on_identified<caf::result<answer>>(id, std::move(x));
      },
      [this](request_id id, oplist& x) -> caf::result<oplist_report> {
        return on_identified<caf::result<oplist_report>>(id, std::move(x));
      },
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
        limits_ = x.limits;
        return caf::unit;
      },
      [this](close_gateway) -> caf::result<void> {
        closed_ = true;
        on_refusals_due();
        return caf::unit;
      },
      [this](refusals_due) -> caf::result<void> {
        on_refusals_due();
        return caf::unit;
      },
    };
  }(static_cast<operation*>(nullptr));
}

// -- requests -----------------------------------------------------------------

template <class Work>
std::optional<failure> gateway_state::start(Work what, asker who,
                                            const caf::node_id& client) {
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
  request one{std::move(who), *volume,        client,
              count_of(what), bytes_of(what), std::move(callbacks)};
  if (auto why = account_of(one.client)
                   .admit(limits_, one.ops, one.bytes, self_->clock().now())) {
    auto res = saying_what(std::move(*why), what);
    enter_volume(*name, res);
    refuse_late(std::move(one.who), refused(std::move(res)));
    return std::nullopt;
  }
  auto number = ++last_number_;
  requests_.emplace(number, std::move(one));
  hand_over(number, std::move(what), volumes_[*volume].disk.front());
  return std::nullopt;
}

template <class Work>
void gateway_state::hand_over(uint64_t number, Work what,
                              const front_actor& to) {
  using is_list = std::is_same<Work, oplist>;
  using function
    = std::conditional_t<is_list::value, local_list_callback, local_callback>;
  using message
    = std::conditional_t<is_list::value, client_list_done, client_op_done>;
  auto me = caf::actor_cast<gateway_actor>(self_);
  self_
    ->mail(std::move(what), function{[me, number](const auto& result) {
             cafx::anon_mail(message{number, result}).send(me);
           }})
    .request(to, cafx::infinite)
    .then([this, number](ticket id) { on_admitted(number, id); },
          [this, number](const caf::error& why) { on_refused(number, why); });
}

template <class Result, class Work>
Result gateway_state::on_request(Work what) {
  if (auto why
      = start(std::move(what), plain{cafx::reply_slot{self_}}, sender_node()))
    return refused(std::move(*why));
  return cafx::answered_elsewhere<Result>();
}

template <class Work, class Callback>
caf::result<ticket> gateway_state::on_submission(Work what, Callback who) {
  // A promise of CAF 0.17 takes the sender out of the message.
  auto client = sender_node();
  auto res = self_->make_response_promise<ticket>();
  if (auto why = start(std::move(what), submitted{res, std::move(who)}, client))
    res.deliver(refused(std::move(*why)));
  return res;
}

template <class Result, class Work>
Result gateway_state::on_identified(request_id id, Work what) {
  using verdict = request_memory<cafx::reply_slot>::verdict;
  auto expired = [&](std::string detail) -> Result {
    return refused(saying_what(
      {.code = errc::request_expired, .detail = std::move(detail)}, what));
  };
  auto run = [&](auto forget) -> Result {
    if (auto why
        = start(std::move(what), identified{cafx::reply_slot{self_}, id},
                sender_node())) {
      forget();
      return refused(std::move(*why));
    }
    return cafx::answered_elsewhere<Result>();
  };
  if (id.client == 0)
    return run([] {});
  auto i = clients_.find(id.client);
  if (i == clients_.end())
    return expired("the node does not know the client, or not any more");
  i->second.last_used = ++uses_;
  auto& memory = i->second.memory;
  switch (memory.admit(id.sequence, std::is_same_v<Work, oplist>)) {
    case verdict::run:
      return run([&] { memory.drop(id.sequence); });
    case verdict::wait:
      memory.wait(id.sequence, cafx::reply_slot{self_});
      return cafx::answered_elsewhere<Result>();
    case verdict::answer:
      cafx::reply_slot{self_}.deliver(
        self_, message_of(memory.answer_of(id.sequence)));
      return cafx::answered_elsewhere<Result>();
    case verdict::mistaken:
      return refused(
        saying_what({.code = errc::invalid_argument,
                     .detail = "request " + std::to_string(id.sequence)
                             + " was another one"},
                    what));
    default:
      return expired("request " + std::to_string(id.sequence)
                     + " has left the window, which has "
                     + std::to_string(limits_.request_window) + " requests");
  }
}

void gateway_state::refuse_late(asker who, caf::error why) {
  // Whoever does not even wait is told at once, which takes no memory.
  if (late_refusals_.size() >= max_late_refusals) {
    tell_refused(who, why);
    return;
  }
  auto when = self_->clock().now() + refusal_pause;
  if (late_refusals_.empty())
    self_->mail(refusals_due{}).delay(refusal_pause).send(self_);
  else
    when = std::max(when, late_refusals_.back().when + refusal_spacing);
  late_refusals_.push_back({when, std::move(who), std::move(why)});
}

void gateway_state::on_refusals_due() {
  auto now = self_->clock().now();
  while (!late_refusals_.empty()
         && (closed_ || late_refusals_.front().when <= now)) {
    auto one = std::move(late_refusals_.front());
    late_refusals_.pop_front();
    tell_refused(one.who, one.why);
  }
  if (!late_refusals_.empty())
    self_->mail(refusals_due{})
      .delay(late_refusals_.front().when - now)
      .send(self_);
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
  auto reason = failure_of(why).value_or(failure{
    .code = errc::shut_down, .detail = "the queue of the volume is gone"});
  enter_volume(volumes_[one->volume].info.name, reason);
  for (auto& waiting : one->cancelling)
    waiting.deliver(false);
  tell_refused(one->who, refused(std::move(reason)));
}

// -- answers ------------------------------------------------------------------

std::optional<gateway_state::request> gateway_state::take(uint64_t number) {
  auto i = requests_.find(number);
  if (i == requests_.end())
    return std::nullopt;
  auto res = std::move(i->second);
  requests_.erase(i);
  account_of(res.client).release(res.ops, res.bytes);
  return res;
}

void gateway_state::on_op_done(uint64_t number, outcome result) {
  auto one = take(number);
  if (!one)
    return;
  tell_beside(number, *one);
  const auto& name = volumes_[one->volume].info.name;
  auto* asked = std::get_if<submitted>(&one->who);
  if (!asked) {
    enter_volume(name, result.result);
    tell(one->who, std::move(result.result));
    return;
  }
  enter_volume(name, result);
  result.ticket = ticket{number};
  cafx::anon_mail(std::move(result)).send(std::get<callback>(asked->who));
}

void gateway_state::on_list_done(uint64_t number, oplist_report result) {
  auto one = take(number);
  if (!one)
    return;
  tell_beside(number, *one);
  enter_volume(volumes_[one->volume].info.name, result);
  set_ticket(result, ticket{number});
  tell_callbacks(one->callbacks, result);
  if (auto* asked = std::get_if<submitted>(&one->who))
    cafx::anon_mail(std::move(result))
      .send(std::get<list_callback>(asked->who));
  else
    tell(one->who, std::move(result));
}

void gateway_state::tell_beside(uint64_t number, request& one) {
  // The result may come before the queue has said that it has admitted the
  // request.
  if (auto* asked = std::get_if<submitted>(&one.who))
    asked->promise.deliver(ticket{number});
  for (auto& waiting : one.cancelling)
    waiting.deliver(false);
}

void gateway_state::tell(asker& who, remembered_answer result) {
  if (auto* one = std::get_if<plain>(&who)) {
    auto* single = std::get_if<answer>(&result);
    one->slot.deliver(self_, single ? to_message(std::move(*single))
                                    : message_of(result));
    return;
  }
  auto& one = std::get<identified>(who);
  auto content = message_of(result);
  one.slot.deliver(self_, content);
  auto i = clients_.find(one.id.client);
  if (i == clients_.end())
    return;
  auto bytes = bytes_of(result);
  for (auto& slot :
       i->second.memory.finish(one.id.sequence, std::move(result), bytes))
    slot.deliver(self_, content);
}

void gateway_state::tell_refused(asker& who, const caf::error& why) {
  if (auto* asked = std::get_if<submitted>(&who)) {
    asked->promise.deliver(why);
    return;
  }
  auto content = caf::make_message(why);
  if (auto* one = std::get_if<plain>(&who)) {
    one->slot.deliver(self_, content);
    return;
  }
  auto& one = std::get<identified>(who);
  one.slot.deliver(self_, content);
  if (auto i = clients_.find(one.id.client); i != clients_.end())
    for (auto& slot : i->second.memory.drop(one.id.sequence))
      slot.deliver(self_, content);
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
  auto id = x.client;
  if (!clients_.contains(id)) {
    std::uniform_int_distribution<uint64_t> any{1};
    id = any(random_);
    clients_.try_emplace(
      id, known_client{request_memory<cafx::reply_slot>{
            limits_.request_window, limits_.request_window_bytes}});
  }
  clients_.at(id).last_used = ++uses_;
  forget_clients();
  welcome res{.client = id, .max_message_bytes = limits_.max_message_bytes};
  for (const auto& volume : volumes_)
    res.volumes.push_back(volume.info);
  observe("joined", {{"node", to_string(sender_node())},
                     {"again", id == x.client ? "true" : "false"}});
  return res;
}

void gateway_state::forget_clients() {
  auto most = std::max<size_t>(limits_.max_remembered_clients, 1);
  auto less_used = [](const auto& x, const auto& y) {
    return x.second.last_used < y.second.last_used;
  };
  while (clients_.size() > most) {
    auto oldest = std::min_element(clients_.begin(), clients_.end(), less_used);
    clients_.erase(oldest);
  }
}

caf::node_id gateway_state::sender_node() const {
  auto sender = self_->current_sender();
  return sender ? sender->node() : caf::node_id{};
}

client_account& gateway_state::account_of(const caf::node_id& client) {
  auto i = accounts_.find(client);
  if (i != accounts_.end())
    return i->second;
  std::erase_if(accounts_, [now = self_->clock().now()](const auto& x) {
    return x.second.idle(now);
  });
  return accounts_[client];
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

caf::error gateway_state::refused(failure why) {
  // Who floods the node with requests must not flood its log.
  auto now = self_->clock().now();
  if (now < silent_until_) {
    ++unobserved_;
    return to_error(std::move(why));
  }
  silent_until_ = now + std::chrono::seconds{1};
  observe("refused",
          {{"node", to_string(sender_node())},
           {"error", to_string(why.code)},
           {"operation", why.operation},
           {"path", why.path},
           {"detail", why.detail},
           {"others", std::to_string(std::exchange(unobserved_, 0u))}});
  return to_error(std::move(why));
}

void gateway_state::observe(
  std::string event,
  std::vector<std::pair<std::string, std::string>> details) const {
  if (observer_)
    observer_({std::move(event), std::move(details)});
}

} // namespace spindle
