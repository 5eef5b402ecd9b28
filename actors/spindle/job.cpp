#include "spindle/job.hpp"

#include <utility>

namespace spindle {

namespace {

/// Pairs the operations of a list with their answers, in the order in which
/// both were made.
oplist_report assemble(ticket id, oplist& list,
                       std::vector<answer>::iterator& next) {
  oplist_report res{id, {}};
  res.entries.reserve(list.entries.size());
  for (auto& entry : list.entries) {
    if (auto* nested = std::get_if<oplist>(&entry.what))
      res.entries.push_back({assemble(id, *nested, next)});
    else
      res.entries.push_back({outcome{
        id, without_payload(std::get<operation>(std::move(entry.what))),
        std::move(*next++)}});
  }
  return res;
}

} // namespace

// -- job ----------------------------------------------------------------------

job::job(spindle::ticket ticket, operation op, recipient receiver)
    : id(ticket), what(std::move(op)), who(std::move(receiver)) {
  bytes = payload_of(std::get<operation>(what));
}

job::job(spindle::ticket ticket, oplist list, recipient receiver)
    : id(ticket), ops(0), what(std::move(list)), who(std::move(receiver)) {
  for_each_operation(std::get<oplist>(what), [this](auto&, operation& op) {
    ++ops;
    bytes += payload_of(op);
  });
}

job::~job() {
  if (std::holds_alternative<std::monostate>(who))
    return;
  // Happens only if an actor of the queue was killed from outside.
  answers.clear();
  refuse(*this, errc::shut_down, "the queue is gone");
  if (auto* slot = std::get_if<cafx::reply_slot>(&who))
    slot->deliver_anonymously(
      answers.empty() ? caf::make_message(to_error({.code = errc::shut_down}))
                      : to_message(std::move(answers.front())));
  else if (auto* one = std::get_if<callback>(&who))
    cafx::anon_mail(outcome{id, std::get<operation>(std::move(what)),
                            std::move(answers.front())})
      .send(*one);
  else if (auto* all = std::get_if<list_callback>(&who))
    cafx::anon_mail(make_report(*this)).send(*all);
}

// -- answers ------------------------------------------------------------------

failure refuse(const operation& op, errc code, std::string detail) {
  return {.code = code,
          .operation = std::string{name_of(op)},
          .path = path_of(op),
          .detail = std::move(detail)};
}

void refuse(job& what, errc code, const std::string& detail) {
  auto add = [&](const operation& op) {
    what.answers.push_back(refuse(op, code, detail));
  };
  if (auto* list = std::get_if<oplist>(&what.what))
    for_each_operation(*list, [&](auto&, operation& op) { add(op); });
  else
    add(std::get<operation>(what.what));
}

caf::message to_message(answer result) {
  if (auto* why = std::get_if<failure>(&result))
    return caf::make_message(to_error(std::move(*why)));
  return std::visit(
    [](auto&& value) {
      using type = std::decay_t<decltype(value)>;
      if constexpr (std::is_same_v<type, done>)
        return caf::make_message();
      else
        return caf::make_message(std::forward<decltype(value)>(value));
    },
    std::get<output>(std::move(result)));
}

operation without_payload(operation op) {
  if (auto* write = std::get_if<file_write>(&op))
    write->data = {};
  return op;
}

oplist_report make_report(job& what) {
  auto next = what.answers.begin();
  return assemble(what.id, std::get<oplist>(what.what), next);
}

} // namespace spindle
