// What a gateway tells its clients: results, and refusals when it is time.
#include "spindle/node/gateway.hpp"

#include "cafx/passed_on.hpp"
#include "spindle/node/volume_path.hpp"
#include "spindle/queue/job.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace spindle {

namespace {

/// How long those wait for the answer, at least, who asked for more than they
/// may; how long between one and the next, lest many ask again at the same
/// time; and how many wait at once.
constexpr auto refusal_pause = std::chrono::milliseconds{100};
constexpr auto refusal_spacing = std::chrono::milliseconds{1};
constexpr size_t max_late_refusals = 1'000;

/// How long a node waits for clients to read their last answers, and between
/// two looks.
constexpr auto longest_flush = std::chrono::seconds{1};
constexpr auto flush_pause = std::chrono::milliseconds{1};

caf::message message_of(const remembered_answer& result) {
  return std::visit([](const auto& x) { return caf::make_message(x); }, result);
}

/// What a remembered answer takes beside its data; need not be exact.
constexpr uint64_t answer_overhead = 512;

} // namespace

// -- late refusals ------------------------------------------------------------

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

// -- answers ------------------------------------------------------------------

std::optional<gateway_state::request> gateway_state::take(uint64_t number) {
  auto i = requests_.find(number);
  if (i == requests_.end())
    return std::nullopt;
  auto res = std::move(i->second);
  requests_.erase(i);
  account_of(res.client).release(res.ops, res.bytes);
  held_bytes_ -= res.bytes;
  return res;
}

void gateway_state::on_op_done(uint64_t number, outcome result) {
  auto one = take(number);
  if (!one)
    return;
  tell_beside(number, *one);
  fit(one->client, result, 1);
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
  fit(one->client, result, one->callbacks.empty() ? 1 : 2);
  enter_volume(volumes_[one->volume].info.name, result);
  set_ticket(result, ticket{number});
  tell_callbacks(one->callbacks, result);
  if (auto* asked = std::get_if<submitted>(&one->who))
    cafx::anon_mail(std::move(result))
      .send(std::get<list_callback>(asked->who));
  else
    tell(one->who, std::move(result));
}

void gateway_state::fit(const caf::node_id& client, outcome& x, size_t copies) {
  auto bytes = payload_of(x.result) * copies;
  if (auto why = answer_excess(client, bytes)) {
    why->operation = name_of(x.op);
    why->path = path_of(x.op);
    observe_refusal(client, *why);
    x.result = std::move(*why);
  } else {
    count_answer(client, bytes);
  }
}

void gateway_state::fit(const caf::node_id& client, oplist_report& x,
                        size_t copies) {
  for (auto& entry : x.entries)
    std::visit([&](auto& y) { fit(client, y, copies); }, entry.value);
}

std::optional<failure> gateway_state::answer_excess(const caf::node_id& client,
                                                    uint64_t bytes) const {
  if (bytes < outgoing_answers::small || !answers_.counts())
    return std::nullopt;
  if (auto why = node_excess(bytes))
    return why;
  auto unread = answers_.of(client);
  // Whoever has read everything gets any answer.
  if (unread == 0 || unread + bytes <= limits_.max_bytes)
    return std::nullopt;
  return failure{.code = errc::limit_exceeded,
                 .detail = "max_bytes of each client is "
                         + std::to_string(limits_.max_bytes) + ", and "
                         + std::to_string(unread)
                         + " bytes of answers were not read yet"};
}

void gateway_state::count_answer(const caf::node_id& client, uint64_t bytes) {
  if (bytes < outgoing_answers::small || !answers_.counts())
    return;
  answers_.add(client, bytes);
  self_->mail(answer_handed_over{client, bytes}).send(self_);
}

void gateway_state::on_handed_over(const answer_handed_over& x) {
  cafx::when_passed_on(self_,
                       [this, x] { answers_.remove(x.client, x.bytes); });
}

caf::result<void> gateway_state::on_flush() {
  if (!answers_.counts())
    return caf::unit;
  auto res = self_->make_response_promise<void>();
  cafx::when_passed_on(self_, [this, res] {
    waiting_for_flush_.push_back(res);
    flush_deadline_ = self_->clock().now() + longest_flush;
    answer_flush();
  });
  return res;
}

void gateway_state::answer_flush() {
  if (answers_.unsent() > 0 && self_->clock().now() < flush_deadline_) {
    self_->mail(look_for_unsent{}).delay(flush_pause).send(self_);
    return;
  }
  for (auto& waiting : std::exchange(waiting_for_flush_, {}))
    waiting.deliver();
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
  auto* memory = clients_.find(one.id.client);
  if (!memory)
    return;
  auto payload = payload_of(result);
  auto bytes = payload + answer_overhead;
  tell(memory->finish(one.id.sequence, std::move(result), bytes), content,
       payload);
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
  if (auto* memory = clients_.find(one.id.client))
    tell(memory->drop(one.id.sequence), content, 0);
}

void gateway_state::tell(cafx::reply_slot slot,
                         const remembered_answer& result) {
  count_answer(sender_node(), payload_of(result));
  slot.deliver(self_, message_of(result));
}

void gateway_state::tell(std::vector<repetition> repeated,
                         const caf::message& content, uint64_t bytes) {
  for (auto& one : repeated) {
    count_answer(one.client, bytes);
    account_of(one.client).release(1, 0);
    one.slot.deliver(self_, content);
  }
}

} // namespace spindle
