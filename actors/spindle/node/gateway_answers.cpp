// The answers of a gateway: results, and refusals after a pause.
#include "spindle/node/gateway.hpp"

#include "cafx/passed_on.hpp"
#include "spindle/node/volume_path.hpp"
#include "spindle/queue/job.hpp"

#include <chrono>
#include <utility>

namespace spindle {

namespace {

/// How long a node waits for clients to read their last answers, and how often
/// it checks.
constexpr auto flush_timeout = std::chrono::seconds{1};
constexpr auto flush_interval = std::chrono::milliseconds{1};

caf::message message_of(remembered_answer result) {
  return std::visit([](auto& x) { return caf::make_message(std::move(x)); },
                    result);
}

/// The bytes that a remembered answer takes beside its data, about.
constexpr uint64_t answer_overhead = 512;

} // namespace

// -- late refusals ------------------------------------------------------------

void gateway_state::refuse_late(requester who, caf::error why) {
  if (late_refusals_.is_full()) {
    respond_refused(who, why);
    return;
  }
  auto is_first = late_refusals_.empty();
  late_refusals_.add(std::move(who), std::move(why), now());
  if (is_first)
    self_->mail(refusals_due{}).delay(late_refusals_.pause).send(self_);
}

void gateway_state::on_refusals_due() {
  auto at = now();
  while (auto one = late_refusals_.take(at, closed_))
    respond_refused(one->who, one->why);
  if (auto left = late_refusals_.until_next(at))
    self_->mail(refusals_due{}).delay(*left).send(self_);
}

// -- answers ------------------------------------------------------------------

std::optional<client_request> gateway_state::take(uint64_t number) {
  auto res = requests_.take(number);
  if (res)
    admission_.release(res->client, res->ops, res->bytes, now());
  return res;
}

void gateway_state::on_op_done(uint64_t number, outcome result) {
  auto one = take(number);
  if (!one)
    return;
  settle(number, *one);
  count_or_replace(one->client, result, 1);
  const auto& name = volumes_[one->volume].info.name;
  auto* who = std::get_if<submitter>(&one->who);
  if (!who) {
    add_volume_prefix(name, result.result);
    respond(one->who, std::move(result.result));
    return;
  }
  add_volume_prefix(name, result);
  result.ticket = ticket{number};
  cafx::anon_mail(std::move(result)).send(std::get<callback>(who->who));
}

void gateway_state::on_list_done(uint64_t number, oplist_report result) {
  auto one = take(number);
  if (!one)
    return;
  settle(number, *one);
  count_or_replace(one->client, result, one->callbacks.empty() ? 1 : 2);
  add_volume_prefix(volumes_[one->volume].info.name, result);
  set_ticket(result, ticket{number});
  tell_callbacks(one->callbacks, result);
  if (auto* who = std::get_if<submitter>(&one->who))
    cafx::anon_mail(std::move(result)).send(std::get<list_callback>(who->who));
  else
    respond(one->who, std::move(result));
}

void gateway_state::count_or_replace(const caf::node_id& client, outcome& x,
                                     size_t copies) {
  auto bytes = payload_of(x.result) * copies;
  if (auto why = admission_.answer_excess(client, bytes)) {
    why->operation = name_of(x.op);
    why->path = path_of(x.op);
    reporter_.report_refusal(client, *why, now());
    x.result = tl::unexpected{std::move(*why)};
  } else {
    count_answer(client, bytes);
  }
}

void gateway_state::count_or_replace(const caf::node_id& client,
                                     oplist_report& x, size_t copies) {
  for (auto& entry : x.entries)
    std::visit([&](auto& y) { count_or_replace(client, y, copies); },
               entry.value);
}

void gateway_state::count_answer(const caf::node_id& client, uint64_t bytes) {
  if (bytes < outgoing_answers::small || !admission_.answers().counts())
    return;
  admission_.answers().add(client, bytes);
  self_->mail(answer_handed_over{client, bytes}).send(self_);
}

void gateway_state::on_handed_over(const answer_handed_over& x) {
  cafx::when_passed_on(
    self_, [this, x] { admission_.answers().remove(x.client, x.bytes); });
}

caf::result<void> gateway_state::on_flush() {
  if (!admission_.answers().counts())
    return caf::unit;
  cafx::typed_response_promise<void> res{self_};
  cafx::when_passed_on(self_, [this, res] {
    flushes_.push_back(res);
    flush_deadline_ = now() + flush_timeout;
    check_flushed();
  });
  return res;
}

void gateway_state::check_flushed() {
  if (admission_.answers().unsent() > 0 && now() < flush_deadline_) {
    self_->mail(check_flush{}).delay(flush_interval).send(self_);
    return;
  }
  for (auto& promise : std::exchange(flushes_, {}))
    promise.deliver();
}

void gateway_state::settle(uint64_t number, client_request& one) {
  // The result may arrive before the ticket of the queue.
  if (auto* who = std::get_if<submitter>(&one.who))
    who->promise.deliver(ticket{number});
  for (auto& promise : one.cancelling)
    promise.deliver(false);
}

void gateway_state::respond(requester& who, remembered_answer result) {
  if (auto* one = std::get_if<plain_requester>(&who)) {
    auto* single = std::get_if<answer>(&result);
    one->slot.deliver(self_, single ? to_message(std::move(*single))
                                    : message_of(std::move(result)));
    return;
  }
  auto& one = std::get<identified_requester>(who);
  auto* memory = sessions_.find(one.id.client);
  if (!memory) {
    // The request has no id, or its client is forgotten.
    one.slot.deliver(self_, message_of(std::move(result)));
    return;
  }
  auto content = message_of(result);
  one.slot.deliver(self_, content);
  const auto& limits = admission_.limits();
  auto payload = payload_of(result);
  respond_to_repetitions(
    memory->finish(one.id.sequence, std::move(result),
                   payload + answer_overhead,
                   {limits.request_window, limits.request_window_bytes}),
    content, payload);
}

void gateway_state::respond_refused(requester& who, const caf::error& why) {
  if (auto* one = std::get_if<submitter>(&who)) {
    one->promise.deliver(why);
    return;
  }
  auto content = caf::make_message(why);
  if (auto* one = std::get_if<plain_requester>(&who)) {
    one->slot.deliver(self_, content);
    return;
  }
  auto& one = std::get<identified_requester>(who);
  one.slot.deliver(self_, content);
  if (auto* memory = sessions_.find(one.id.client))
    respond_to_repetitions(memory->drop(one.id.sequence), content, 0);
}

void gateway_state::respond_again(cafx::reply_slot slot,
                                  const remembered_answer& result) {
  count_answer(sender_node(), payload_of(result));
  slot.deliver(self_, message_of(result));
}

void gateway_state::respond_to_repetitions(std::vector<repetition> repeated,
                                           const caf::message& content,
                                           uint64_t bytes) {
  for (auto& one : repeated) {
    count_answer(one.client, bytes);
    admission_.release(one.client, 1, 0, now());
    one.slot.deliver(self_, content);
  }
}

} // namespace spindle
