// What a gateway does for writers: starts them on its volumes, and ends those
// whose data can come no more.
#include "spindle/node/gateway.hpp"

#include "spindle/node/client_permissions.hpp"
#include "spindle/node/volume_path.hpp"

#include <utility>

namespace spindle {

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
  auto volume = find_volume(parts->volume);
  if (!volume)
    return refuse(std::move(volume.error()));
  known_writer what{*volume, from.client};
  for (const auto& block : job.data.blocks)
    what.bytes += block.size();
  if (auto why = admit_writer(what.bytes))
    return refuse(std::move(*why));
  auto writer = spawn_writer(job, *std::move(parts), volumes_[*volume], from);
  watch(writer, std::move(what), job.open_ended);
  return writer;
}

writer_actor gateway_state::spawn_writer(write_job job, volume_path where,
                                         const served_volume& volume,
                                         const origin& from) {
  job.path = std::move(where.path);
  if (!volume.special_permissions)
    job.permissions &= ~special_permissions;
  // Counted from the highest number down, so that no other lane of the client
  // has it.
  lane_id own{from.lane.client, ~++last_number_};
  return volume.disk.write(std::move(job),
                           {.path_prefix = where.volume + ':',
                            .max_profile = limits_.max_profile,
                            .after = in_lane{from.lane, limits_.weight},
                            .lane = in_lane{own, limits_.weight}});
}

std::optional<failure> gateway_state::admit_writer(uint64_t bytes) {
  auto client = sender_node();
  if (auto why = node_excess(bytes))
    return why;
  if (auto why = account_of(client).admit_writer(
        limits_, bytes, answers_.of(client), self_->clock().now()))
    return why;
  held_bytes_ += bytes;
  return std::nullopt;
}

void gateway_state::watch(const writer_actor& writer, known_writer what,
                          bool open_ended) {
  auto id = writer.id();
  auto giver = open_ended ? self_->current_sender() : nullptr;
  auto giver_id = giver ? giver->address() : caf::actor_addr{};
  writers_[id] = std::move(what);
  self_->monitor(writer, [this, id, giver_id](const caf::error&) {
    auto bytes = std::exchange(writers_[id].bytes, 0);
    account_of(writers_[id].client).release_writer(bytes);
    held_bytes_ -= bytes;
    if (auto i = given_.find(giver_id); i != given_.end())
      i->second.erase(id);
    ended_writers_.push_back(id);
    if (ended_writers_.size() > max_ended_writers) {
      writers_.erase(ended_writers_.front());
      ended_writers_.pop_front();
    }
  });
  if (!giver)
    return;
  auto [i, is_new] = given_.try_emplace(giver_id);
  i->second.emplace(id, writer);
  if (is_new)
    self_->monitor(caf::actor_cast<caf::actor>(giver),
                   [this, giver_id](const caf::error&) { abandon(giver_id); });
}

void gateway_state::abandon(const caf::actor_addr& giver) {
  auto left = given_.extract(giver);
  if (!left.empty())
    for (const auto& [id, writer] : left.mapped())
      cafx::anon_mail(cancel_writing{}).send(writer);
}

caf::result<writer_status> gateway_state::on_recall(const recall_writer& x) {
  auto is_here = !x.writer || x.writer.node() == self_->node();
  auto i
    = is_here ? writers_.find(x.writer ? x.writer.id() : x.id) : writers_.end();
  if (i == writers_.end())
    return refused({.code = errc::not_found,
                    .operation = stream_step_name,
                    .detail = "the node does not know the writer"});
  auto res = self_->make_response_promise<writer_status>();
  self_->mail(x)
    .request(volumes_[i->second.volume].disk.front(), cafx::infinite)
    .then([res](writer_status& last) mutable { res.deliver(std::move(last)); },
          [res](caf::error& why) mutable { res.deliver(std::move(why)); });
  return res;
}

} // namespace spindle
