// What a gateway does beside requests for operations: progress, cancelling,
// joining, status.
#include "spindle/node/gateway.hpp"

#include "spindle/node/status_sum.hpp"
#include "spindle/node/volume_path.hpp"

#include <memory>
#include <utility>

namespace spindle {

// -- progress -----------------------------------------------------------------

caf::result<operation_progress> gateway_state::on_get_progress(ticket which) {
  auto* one = requests_.find(which.id, sender_node());
  // A client learns its ticket when the queue has admitted the request.
  if (!one || !one->admitted)
    return to_error(failure{.code = errc::not_found,
                            .operation = get_progress::type_name,
                            .detail = "it is done, or was never admitted"});
  cafx::typed_response_promise<operation_progress> res{self_};
  const auto& volume = volumes_[one->volume];
  self_->mail(get_progress{*one->admitted})
    .request(volume.disk.front(), cafx::infinite)
    .then(
      [res, which, name = volume.info.name](operation_progress& now) mutable {
        now.ticket = which;
        add_volume_prefix(name, now);
        res.deliver(std::move(now));
      },
      [res](caf::error& why) mutable {
        res.deliver(or_queue_gone(std::move(why), get_progress::type_name));
      });
  return res;
}

// -- cancelling ---------------------------------------------------------------

caf::result<bool> gateway_state::on_cancel(ticket which) {
  auto* one = requests_.find(which.id, sender_node());
  if (!one)
    return false;
  cafx::typed_response_promise<bool> res{self_};
  if (one->admitted)
    cancel_at(volumes_[one->volume], *one->admitted, res);
  else
    one->cancelling.push_back(res);
  return res;
}

void gateway_state::cancel_at(const served_volume& volume, ticket which,
                              cafx::typed_response_promise<bool> res) {
  self_->mail(cancel{which})
    .request(volume.disk.front(), cafx::infinite)
    .then([res](bool done) mutable { res.deliver(done); },
          [res](caf::error& why) mutable {
            res.deliver(or_queue_gone(std::move(why), "cancel"));
          });
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
  const auto& limits = admission_.limits();
  auto id = sessions_.enter(x.client);
  if (auto gone = sessions_.forget(limits.max_remembered_clients);
      !gone.empty())
    respond_to_repetitions(
      std::move(gone),
      caf::make_message(refused(
        {.code = errc::request_expired,
         .detail = "the node has forgotten the client, because it remembers "
                   "max_remembered_clients others"})),
      0);
  welcome res{.client = id, .max_message_bytes = limits.max_message_bytes};
  for (const auto& volume : volumes_.all())
    res.volumes.push_back(volume.info);
  reporter_.report("joined",
                   {{"node", to_string(sender_node())},
                    {"again", id == x.client ? "true" : "false"}},
                   now());
  return res;
}

caf::node_id gateway_state::sender_node() const {
  auto sender = self_->current_sender();
  return sender ? sender->node() : caf::node_id{};
}

gateway_state::origin gateway_state::sender() const {
  auto actor = self_->current_sender();
  return sender(lane_number{actor ? actor->id() : 0});
}

gateway_state::origin gateway_state::sender(lane_number lane) const {
  auto client = sender_node();
  return {client, {client_of(client), lane.value % max_client_lanes}};
}

// -- limits -------------------------------------------------------------------

void gateway_state::on_apply(const node_limits& x) {
  admission_.apply(x);
  writers_.for_each_live([&](const client_writer& one) {
    if (!volumes_[one.volume].disk.is_remote())
      cafx::anon_mail(terms_changed{x.max_profile, x.weight})
        .send(caf::actor_cast<writer_internal_actor>(one.handle));
  });
}

// -- the queues ---------------------------------------------------------------

caf::result<queue_status> gateway_state::on_status() {
  cafx::typed_response_promise<queue_status> res{self_};
  auto sum = std::make_shared<queue_status>();
  auto left = std::make_shared<size_t>(volumes_.all().size());
  auto count_down = [res, sum, left]() mutable {
    if (--*left == 0)
      res.deliver(*sum);
  };
  for (const auto& volume : volumes_.all())
    self_->mail(get_status{})
      .request(volume.disk.front(), cafx::infinite)
      .then(
        [sum, count_down](const queue_status& x) mutable {
          add(*sum, x);
          count_down();
        },
        [count_down](const caf::error&) mutable { count_down(); });
  return res;
}

caf::result<profile_list> gateway_state::on_get_profiles() {
  // Not delegated, because the response would show the client the queue.
  cafx::typed_response_promise<profile_list> res{self_};
  self_->mail(get_profiles{})
    .request(volumes_[0].disk.front(), cafx::infinite)
    .then([res](profile_list& x) mutable { res.deliver(std::move(x)); },
          [res](const caf::error&) mutable {
            res.deliver(to_error(queue_gone_failure("get_profiles")));
          });
  return res;
}

void gateway_state::watch_volumes() {
  for (const auto& volume : volumes_.all())
    self_->monitor(volume.disk.front(),
                   [this, name = volume.info.name](const caf::error& why) {
                     if (!closed_)
                       reporter_.report_death("volume " + name, why);
                   });
}

caf::error gateway_state::refused(failure why) {
  reporter_.report_refusal(sender_node(), why, now());
  return to_error(std::move(why));
}

std::chrono::steady_clock::time_point gateway_state::now() const {
  return self_->clock().now();
}

failure queue_gone_failure(std::string operation) {
  return {.code = errc::shut_down,
          .operation = std::move(operation),
          .detail = "the queue of the volume has ended"};
}

caf::error or_queue_gone(caf::error why, std::string operation) {
  return failure_of(why) ? std::move(why)
                         : to_error(queue_gone_failure(std::move(operation)));
}

} // namespace spindle
