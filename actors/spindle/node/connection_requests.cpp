// The requests that a connection takes: checks them and sends them to the node.
#include "spindle/node/connection_ask.hpp"
#include "spindle/node/volume_path.hpp"

#include <type_traits>
#include <utility>

namespace spindle {

namespace {

/// Returns why a list cannot be sent: nodes read none that is deeper.
std::optional<failure> too_deep(const oplist& list) {
  auto depth = list.depth();
  if (depth <= max_message_depth)
    return std::nullopt;
  return failure{.code = errc::limit_exceeded,
                 .detail = "a node takes lists up to a depth of "
                         + std::to_string(max_message_depth) + ", this one has "
                         + std::to_string(depth) + ": nest it less"};
}

std::optional<failure> too_deep(const operation&) {
  return std::nullopt;
}

} // namespace

// -- requests -----------------------------------------------------------------

void connection_state::ask_for_writer(
  std::function<void(writer_actor)> on_response, on_failure bad,
  const write_job& job, lane_number lane) {
  ask<writer_actor>(std::move(on_response), std::move(bad), job, lane);
}

void connection_state::ask_for_status(
  const writer_actor& writer, on_failure bad,
  cafx::typed_response_promise<writer_status> res) {
  // With its id, because CAF delivers no handle of a writer that has ended.
  ask<writer_status>(
    [res](writer_status y) mutable { res.deliver(std::move(y)); },
    std::move(bad), recall_writer{writer, writer.id()});
}

lane_number connection_state::lane_of_sender() const {
  const auto& sender = self_->current_sender();
  if (!sender)
    return number_of({});
  if (sender->node() == self_->node())
    return number_of({sender->id()});
  return number_of({client_of(sender->node()), sender->id()});
}

caf::error connection_state::ask_for(operation op, lane_number lane) {
  if (auto why = refusal(op))
    return to_error(std::move(*why));
  auto slot = std::make_shared<cafx::reply_slot>(self_);
  ask<answer>(
    [this, slot](answer y) { slot->deliver(self_, to_message(std::move(y))); },
    [this, slot](failure why) {
      slot->deliver(self_, caf::make_message(to_error(std::move(why))));
    },
    request_id{}, std::move(op), lane);
  return {};
}

caf::result<answer> connection_state::on_identified(request_id id,
                                                    const operation& op) {
  if (auto why = refusal(op))
    return to_error(std::move(*why));
  return forward<answer>(id, op, lane_of_sender());
}

caf::result<oplist_report> connection_state::on_list(request_id id, oplist list,
                                                     lane_number lane) {
  if (auto why = refusal(list))
    return to_error(std::move(*why));
  cafx::typed_response_promise<oplist_report> res{self_};
  // Kept for the report that its callbacks get if the list is lost.
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
    id, std::move(list), lane);
  return res;
}

template <class Work>
caf::result<ticket> connection_state::on_submission(Work what, recipient who,
                                                    lane_number lane) {
  if (auto why = refusal(what))
    return to_error(std::move(*why));
  cafx::typed_response_promise<ticket> res{self_};
  auto callbacks = std::vector<callback>{};
  if constexpr (std::is_same_v<Work, oplist>)
    callbacks = take_callbacks(what);
  auto kept = std::make_shared<job>(ticket{}, what, std::move(who));
  auto bad = [res, kept](failure why) mutable {
    // The sender gets the error, and the callback nothing.
    kept->who = std::monostate{};
    res.deliver(to_error(std::move(why)));
  };
  using handle
    = std::conditional_t<std::is_same_v<Work, oplist>, list_callback, callback>;
  ask<ticket>(
    [this, res, kept, callbacks](ticket id) mutable {
      submissions_.add(id, kept, std::move(callbacks));
      res.deliver(id);
    },
    bad, std::move(what),
    handle{caf::actor_cast<connection_internal_actor>(self_)}, lane);
  return res;
}

template <class Result>
void connection_state::on_result(const Result& x) {
  if (submissions_.finish(x))
    end_if_idle();
}

template caf::result<ticket>
  connection_state::on_submission(operation, recipient, lane_number);

template caf::result<ticket> connection_state::on_submission(oplist, recipient,
                                                             lane_number);

template void connection_state::on_result(const outcome&);

template void connection_state::on_result(const oplist_report&);

template <class Work>
std::optional<failure> connection_state::refusal(const Work& what) const {
  auto why = draining_ ? std::optional{closed()} : too_large(payload_of(what));
  if (!why)
    why = too_deep(what);
  if (why)
    why = about(std::move(*why), describe(what));
  return why;
}

std::optional<failure> connection_state::too_large(uint64_t bytes) const {
  return beyond_message_limit(link_.last_welcome().max_message_bytes, bytes);
}

failure connection_state::explained(const caf::error& why) const {
  auto known = failure_of(why);
  return known ? std::move(*known) : lost(reason_of(why));
}

failure connection_state::lost(std::string why) const {
  return {.code = errc::node_lost,
          .detail = "the connection to " + to_string(link_.address()) + ": "
                  + std::move(why)};
}

failure connection_state::closed() const {
  return {.code = errc::shut_down,
          .detail
          = "the connection to " + to_string(link_.address()) + " is closed"};
}

} // namespace spindle
