#include "spindle/queue/job.hpp"

#include "spindle/fs/path.hpp"
#include "spindle/message/internal/queue.hpp"

#include <cstdio>
#include <exception>
#include <functional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace spindle {

namespace {

void drop_payload(operation& op) {
  if (auto* write = std::get_if<file_write>(&op))
    write->data = {};
}

/// Returns what an operation does before it takes effect.
job_kind kind_of(const file_write& op) {
  auto prepares = op.mode == write_mode::replace
               && op.durability != durability::none && !op.parents;
  return prepares ? job_kind::prepares : job_kind::changes;
}

template <class Op>
job_kind kind_of(const Op&) {
  auto reads
    = std::is_same_v<
        Op, file_exists> || std::is_same_v<Op, file_read> || std::is_same_v<Op, file_checksum> || std::is_same_v<Op, directory_exists> || std::is_same_v<Op, directory_contents> || std::is_same_v<Op, directory_walk> || std::is_same_v<Op, file_stat> || std::is_same_v<Op, disk_space> || std::is_same_v<Op, symlink_read>;
  return reads ? job_kind::reads : job_kind::changes;
}

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

/// Notifies the recipient of an operation, outside of any actor.
void tell_of_operation(job& what) {
  auto& result = what.answers.front();
  if (auto* slot = std::get_if<cafx::reply_slot>(&what.who)) {
    slot->deliver_anonymously(to_message(std::move(result)));
    return;
  }
  auto& op = std::get<operation>(what.what);
  outcome res{what.id(), without_payload(op), std::move(result)};
  if (auto* who = std::get_if<callback>(&what.who))
    cafx::anon_mail(std::move(res)).send(*who);
  else if (auto* local = std::get_if<local_callback>(&what.who))
    (*local)(res);
}

/// Tells whoever waits for a list, from outside of any actor.
void tell_of_list(job& what, bool answered) {
  if (auto* slot = std::get_if<cafx::reply_slot>(&what.who))
    slot->deliver_anonymously(
      answered ? caf::make_message(make_report(what))
               : caf::make_message(to_error({.code = errc::shut_down,
                                             .operation = "oplist",
                                             .detail = "the queue is gone"})));
  else if (auto* who = std::get_if<list_callback>(&what.who))
    cafx::anon_mail(make_report(what)).send(*who);
  else if (auto* local = std::get_if<local_list_callback>(&what.who))
    (*local)(make_report(what));
}

/// Notifies the recipient of a job, outside of any actor.
void tell_anonymously(job& what) {
  auto answered = what.answered();
  if (!answered) {
    what.answers.clear();
    refuse(what, errc::shut_down,
           what.started ? "the queue is gone, it may be done in part"
                        : "the queue is gone");
  }
  if (std::holds_alternative<oplist>(what.what))
    tell_of_list(what, answered);
  else if (std::holds_alternative<operation>(what.what))
    tell_of_operation(what);
  else if (auto* slot = std::get_if<cafx::reply_slot>(&what.who))
    slot->deliver_anonymously(step_answer(what));
}

} // namespace

// -- job ----------------------------------------------------------------------

job::job(ticket id, operation op, recipient receiver)
    : what(std::move(op)), who(std::move(receiver)) {
  number = id.id;
  bytes = payload_of(std::get<operation>(what));
  name = name_of(std::get<operation>(what));
  kind = std::visit([](const auto& x) { return kind_of(x); },
                    std::get<operation>(what));
  if (kind == job_kind::prepares)
    place = std::hash<std::string>{}(
      fs::parent_of(path_of(std::get<operation>(what))));
}

job::job(ticket id, oplist list, recipient receiver)
    : what(std::move(list)), who(std::move(receiver)) {
  number = id.id;
  exclusive = true;
  operations = std::get<oplist>(what).size();
  ops = std::get<oplist>(what).cost();
  name = oplist::type_name;
  bytes = payload_of(std::get<oplist>(what));
}

job::job(ticket id, stream_step step, recipient receiver)
    : what(std::move(step)), who(std::move(receiver)) {
  number = id.id;
  name = stream_step_name;
  bytes = std::get<stream_step>(what).chunk.size();
  in_background = true;
}

job::~job() {
  if (std::holds_alternative<std::monostate>(who))
    return;
  // Only if an actor of the queue was killed.
  try {
    tell_anonymously(*this);
  } catch (const std::exception& why) {
    std::fprintf(stderr,
                 "spindle: the result of job %llu was not delivered: %s\n",
                 static_cast<unsigned long long>(number), why.what());
  }
}

bool job::answered() const {
  return answers.size() == operations && list_syncs.empty();
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
    what.answers.push_back(tl::unexpected{refuse(op, code, detail)});
  };
  if (auto* list = std::get_if<oplist>(&what.what))
    for_each_operation(*list, [&](auto&, operation& op) { add(op); });
  else if (auto* op = std::get_if<operation>(&what.what))
    add(*op);
  else
    what.answers.push_back(tl::unexpected{
      failure{.code = code,
              .operation = stream_step_name,
              .path = std::get<stream_step>(what.what).to->target().path,
              .detail = detail}});
}

caf::message step_answer(job& what) {
  if (auto& result = what.answers.front(); !result)
    return caf::make_message(to_error(std::move(result.error())));
  const auto& step = std::get<stream_step>(what.what);
  return caf::make_message(step_result{step.written, step.share});
}

caf::message to_message(answer result) {
  if (!result)
    return caf::make_message(to_error(std::move(result.error())));
  return std::visit(
    [](auto&& value) {
      using type = std::decay_t<decltype(value)>;
      if constexpr (std::is_same_v<type, done>)
        return caf::make_message();
      else
        return caf::make_message(std::forward<decltype(value)>(value));
    },
    *std::move(result));
}

operation without_payload(operation op) {
  drop_payload(op);
  return op;
}

undone describe(const operation& op) {
  return {.operation = std::string{name_of(op)}, .path = path_of(op)};
}

undone describe(const oplist&) {
  return {.operation = "oplist"};
}

undone describe(const job& what, bool started) {
  auto* op = std::get_if<operation>(&what.what);
  auto res = op ? describe(*op) : describe(std::get<oplist>(what.what));
  res.ticket = what.id();
  res.started = started;
  return res;
}

void drop_content(job& what) {
  what.who = std::monostate{};
  what.answers = {};
  if (auto* step = std::get_if<stream_step>(&what.what)) {
    step->chunk = {};
    step->to = nullptr;
  } else if (auto* op = std::get_if<operation>(&what.what)) {
    // The supervisor may be reading the other fields.
    drop_payload(*op);
  }
}

oplist_report make_report(job& what) {
  auto next = what.answers.begin();
  return assemble(what.id(), std::get<oplist>(what.what), next);
}

} // namespace spindle
