#include "client.hpp"

namespace spindle::sim {

client_actor::behavior_type client_state::make_behavior() {
  return {
    [this](const outcome& x) -> caf::result<void> {
      auto i = by_ticket_.find(x.ticket);
      // The tickets of lists that were sent as requests are unknown.
      if (i == by_ticket_.end()
          || std::holds_alternative<oplist>(requests[i->second].what))
        ++entry_outcomes;
      else
        on_answers(i->second, {x.result});
      return caf::unit;
    },
    [this](const oplist_report& x) -> caf::result<void> {
      std::vector<answer> answers;
      flatten(x, answers);
      promises_.check(by_ticket_.count(x.ticket) == 1,
                      "a report has an unknown ticket");
      on_answers(by_ticket_[x.ticket], std::move(answers));
      return caf::unit;
    },
    [](const command& x) -> caf::result<void> {
      x.fun();
      return caf::unit;
    },
  };
}

void client_state::ask(const front_actor& queue,
                       std::variant<operation, oplist> what,
                       bool with_callback) {
  auto index = requests.size();
  requests.push_back({what});
  if (auto* list = std::get_if<oplist>(&what)) {
    if (with_callback) {
      ask_for_ticket(queue, index, *list, list_callback{self_});
      return;
    }
    self_->mail(*list)
      .request(queue, cafx::infinite)
      .then(
        [this, index](const oplist_report& x) {
          std::vector<answer> answers;
          flatten(x, answers);
          on_answers(index, std::move(answers));
        },
        [this, index](const caf::error& why) { on_error(index, why); });
    return;
  }
  auto ask_one = [&]<class Op>(const Op& op) {
    if (with_callback) {
      ask_for_ticket(queue, index, op, callback{self_});
      return;
    }
    auto on_failure
      = [this, index](const caf::error& why) { on_error(index, why); };
    auto pending = self_->mail(op).request(queue, cafx::infinite);
    if constexpr (std::is_same_v<typename Op::output, done>)
      std::move(pending).then(
        [this, index] { on_answers(index, {output{done{}}}); }, on_failure);
    else
      std::move(pending).then(
        [this, index](const typename Op::output& x) {
          on_answers(index, {output{x}});
        },
        on_failure);
  };
  std::visit(ask_one, std::get<operation>(what));
}

void client_state::ask_in_lane(const front_actor& queue,
                               std::variant<operation, oplist> what,
                               const in_lane& where) {
  auto index = requests.size();
  requests.push_back({.what = what, .member = where.id.member});
  // The functions run in another actor.
  auto tell_me = [this, index, me = caf::actor_cast<client_actor>(self_)](
                   std::vector<answer> answers) {
    command note{[this, index, answers = std::move(answers)] {
      on_answers(index, answers);
    }};
    cafx::anon_mail(std::move(note)).send(me);
  };
  if (auto* list = std::get_if<oplist>(&what)) {
    local_list_callback who{[tell_me](const oplist_report& x) {
      std::vector<answer> answers;
      flatten(x, answers);
      tell_me(std::move(answers));
    }};
    ask_for_ticket(queue, index, *list, who, where);
  } else {
    local_callback who{[tell_me](const outcome& x) { tell_me({x.result}); }};
    ask_for_ticket(queue, index, std::get<operation>(what), who, where);
  }
}

template <class... Ts>
void client_state::ask_for_ticket(const front_actor& queue, size_t index,
                                  const Ts&... xs) {
  self_->mail(xs...)
    .request(queue, cafx::infinite)
    .then(
      [this, index](ticket id) {
        promises_.check(by_ticket_.emplace(id, index).second,
                        "a ticket was given twice");
      },
      [this, index](const caf::error& why) { on_error(index, why); });
}

void client_state::cancel(const front_actor& queue, ticket which) {
  self_->mail(spindle::cancel{which})
    .request(queue, cafx::infinite)
    .then(
      [this, which](bool was_dropped) {
        if (was_dropped)
          cancelled.push_back(which);
      },
      [](const caf::error&) {
        // The queue has ended.
      });
}

void client_state::shutdown(const front_actor& queue,
                            std::optional<caf::timespan> deadline) {
  self_->mail(spindle::shutdown{deadline})
    .request(queue, cafx::infinite)
    .then([this](const shutdown_report& x) { last_words = x; },
          [](const caf::error&) {
            // The queue had ended before.
          });
}

void client_state::on_answers(size_t index, std::vector<answer> answers) {
  ++requests[index].responses;
  requests[index].answers = std::move(answers);
}

void client_state::on_error(size_t index, const caf::error& why) {
  auto& request = requests[index];
  ++request.responses;
  auto reason = failure_of(why);
  // An error of CAF itself: the queue has ended.
  request.refused = !reason || reason->code == errc::queue_full
                 || reason->code == errc::shut_down
                 || reason->code == errc::limit_exceeded;
  if (!request.refused)
    request.answers = {tl::unexpected{std::move(*reason)}};
}

void client_state::flatten(const oplist_report& report,
                           std::vector<answer>& into) {
  for (auto& entry : report.entries)
    if (auto* nested = std::get_if<oplist_report>(&entry.value))
      flatten(*nested, into);
    else
      into.push_back(std::get<outcome>(entry.value).result);
}

} // namespace spindle::sim
