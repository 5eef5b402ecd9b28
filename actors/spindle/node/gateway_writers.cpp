// The writers of a gateway: spawns them on its volumes, and cancels those that
// nobody gives data to any more.
#include "spindle/node/gateway.hpp"

#include "spindle/node/client_permissions.hpp"
#include "spindle/node/volume_path.hpp"

#include <utility>

namespace spindle {

namespace {

failure unknown_writer() {
  return {.code = errc::not_found,
          .operation = stream_step_name,
          .detail = "the node does not know the writer, or not any more"};
}

} // namespace

caf::result<writer_actor> gateway_state::on_write(const write_job& job,
                                                  const origin& from) {
  auto refuse = [&](failure why) {
    why.operation = stream_step_name;
    if (why.path.empty())
      why.path = job.path;
    return refused(std::move(why));
  };
  if (closed_)
    return refuse(
      {.code = errc::shut_down, .detail = "the node is shutting down"});
  auto parts = split_volume(job.path);
  if (!parts)
    return refuse({.code = errc::invalid_argument,
                   .detail = "a path on a node begins with a volume: "
                             "VOLUME:path"});
  auto volume = volumes_.find(parts->volume);
  if (!volume)
    return refuse(std::move(volume.error()));
  auto chained = with_own_predecessor(job, from.client);
  if (!chained)
    return refuse(std::move(chained.error()));
  client_writer what{*volume, from.client};
  for (const auto& block : job.data.blocks)
    what.bytes += block.size();
  if (auto why = admission_.admit_writer(from.client, what.bytes, now()))
    return refuse(std::move(*why));
  auto writer = spawn_writer(*std::move(chained), *std::move(parts),
                             volumes_[*volume], from);
  what.handle = writer;
  watch(std::move(what), job.open_ended);
  return writer;
}

attempt<write_job>
gateway_state::with_own_predecessor(write_job job,
                                    const caf::node_id& client) const {
  auto& before = job.chain_after;
  auto is_here = !before || before.node() == self_->node();
  auto id = before ? before.id() : job.chain_after_id;
  if (id == 0 || !is_here || writer_of(id, client))
    return job;
  if (job.chain_on_error == chain_policy::abort)
    return tl::unexpected{chain_broken_by(unknown_writer())};
  before = writer_actor{};
  job.chain_after_id = 0;
  return job;
}

writer_actor gateway_state::spawn_writer(write_job job, volume_path where,
                                         const served_volume& volume,
                                         const origin& from) {
  job.path = std::move(where.path);
  if (!volume.special_permissions)
    job.permissions &= ~special_permissions;
  // No other lane of the client has such a number.
  lane_id own{from.lane.client, max_client_lanes + requests_.next_number()};
  return volume.disk.write(
    std::move(job), {.path_prefix = where.volume + ':',
                     .max_profile = admission_.limits().max_profile,
                     .after = in_lane{from.lane, admission_.limits().weight},
                     .lane = in_lane{own, admission_.limits().weight}});
}

void gateway_state::watch(client_writer what, bool open_ended) {
  auto writer = what.handle;
  auto id = writer.id();
  auto giver = open_ended ? self_->current_sender() : nullptr;
  auto source = giver ? giver->address() : caf::actor_addr{};
  writers_.add(id, std::move(what));
  self_->monitor(writer, [this, id, source](const caf::error&) {
    auto gone = writers_.end(id, source);
    admission_.release_writer(gone.client, gone.bytes, now());
  });
  if (giver && writers_.add_source(source, writer))
    self_->monitor(caf::actor_cast<caf::actor>(giver),
                   [this, source](const caf::error&) {
                     for (const auto& left : writers_.take_source(source))
                       cafx::anon_mail(cancel_writing{}).send(left);
                   });
}

const client_writer*
gateway_state::writer_of(caf::actor_id writer,
                         const caf::node_id& client) const {
  const auto* known = writers_.find(writer);
  return known && known->client == client ? known : nullptr;
}

caf::result<writer_status> gateway_state::on_recall(const recall_writer& x) {
  auto is_here = !x.writer || x.writer.node() == self_->node();
  auto id = x.writer ? x.writer.id() : x.id;
  const auto* known = is_here ? writer_of(id, sender_node()) : nullptr;
  if (!known)
    return refused(unknown_writer());
  cafx::typed_response_promise<writer_status> res{self_};
  self_->mail(x)
    .request(volumes_[known->volume].disk.front(), cafx::infinite)
    .then([res](writer_status& last) mutable { res.deliver(std::move(last)); },
          [res](caf::error& why) mutable {
            res.deliver(or_queue_gone(std::move(why), stream_step_name));
          });
  return res;
}

} // namespace spindle
