// The writers of a connection: asks the node for them, and resolves what they
// are chained to.
#include "spindle/fs/stream.hpp"
#include "spindle/node/connection_ask.hpp"
#include "spindle/node/remote_writer.hpp"

#include <string>
#include <utility>

namespace spindle {

void connection_state::on_place(const place_writer& x) {
  auto id = x.proxy.id();
  writers_.add(x.proxy, x.job->path);
  self_->monitor(x.proxy, [this, id](const caf::error&) {
    writers_.end(id);
    end_if_idle();
  });
  if (x.job->descriptor)
    refuse_descriptor(x);
  else if (draining_)
    refuse_writer(x, closed());
  else
    place(x);
}

bool connection_state::is_open(const place_writer& x) {
  auto* one = writers_.find(x.proxy.id());
  return one && !one->settled();
}

void connection_state::place(const place_writer& x) {
  if (!is_open(x))
    return;
  when_connected(
    [this, x] {
      if (is_open(x) && resolve_chain(x))
        send_job(x);
    },
    {[this, x](failure why) { refuse_writer(x, std::move(why)); }});
}

bool connection_state::resolve_chain(const place_writer& x) {
  auto& before = x.job->chain_after;
  auto id = before ? before.id() : x.job->chain_after_id;
  // The node monitors its own writers.
  if (id == 0 || (before && before.node() == link_.node().node()))
    return true;
  auto* one
    = !before || before.node() == self_->node() ? writers_.find(id) : nullptr;
  if (one && !one->settled()) {
    one->on_settled.push_back([this, x] { place(x); });
    return false;
  }
  if (one && is_of_node(*one)) {
    before = one->real;
    x.job->chain_after_id = before.id();
    return true;
  }
  if (one && !one->real)
    break_chain(x, one->why_unplaced());
  else if (before)
    // After a restart of the node, the proxy knows how its writer ended.
    await_foreign(x);
  else
    break_chain(x, one ? restarted(one->path) : unknown_writer());
  return false;
}

void connection_state::await_foreign(const place_writer& x) {
  self_->monitor(x.job->chain_after, [this, x](const caf::error& reason) {
    if (cafx::ended_well(reason))
      unchain(x);
    else
      break_chain(x, failure_of(reason).value_or(
                       failure{.code = errc::writer_lost,
                               .operation = stream_step_name,
                               .detail = "nobody knows how it ended"}));
  });
}

void connection_state::unchain(const place_writer& x) {
  x.job->chain_after = writer_actor{};
  x.job->chain_after_id = 0;
  place(x);
}

void connection_state::break_chain(const place_writer& x,
                                   const failure& before) {
  if (x.job->chain_on_error == chain_policy::proceed)
    unchain(x);
  else
    refuse_writer(x, chain_broken_by(before));
}

void connection_state::send_job(const place_writer& x) {
  uint64_t bytes = 0;
  for (const auto& block : x.job->data.blocks)
    bytes += block.size();
  if (auto why = too_large(bytes)) {
    refuse_writer(x, std::move(*why));
    return;
  }
  ask_for_writer([this, id = x.proxy.id()](
                   const writer_actor& real) { on_spawned(id, real); },
                 [this, x](failure why) { refuse_writer(x, std::move(why)); },
                 *x.job, x.lane);
}

void connection_state::on_spawned(caf::actor_id id, const writer_actor& real) {
  auto* one = writers_.find(id);
  if (!one)
    return;
  one->real = real;
  one->client = link_.last_welcome().client;
  if (one->proxy)
    cafx::anon_mail(writer_placed{real, link_.last_welcome().max_message_bytes})
      .send(one->proxy);
  one->notify_settled();
}

void connection_state::refuse_writer(const place_writer& x, failure why) {
  auto* one = writers_.find(x.proxy.id());
  if (!one || one->settled())
    return;
  why.operation = stream_step_name;
  if (why.path.empty())
    why.path = x.job->path;
  one->refused = why;
  cafx::anon_mail(writer_unreachable{std::move(why)}).send(x.proxy);
  one->notify_settled();
}

void connection_state::refuse_descriptor(const place_writer& x) {
  auto fd = *x.job->descriptor;
  // Closes it, if the writer was to.
  fs::stream left{
    nullptr,
    {.descriptor = fd, .close_descriptor = x.job->close_when_finished}};
  left.abandon();
  refuse_writer(x, {.code = errc::invalid_argument,
                    .path = "descriptor " + std::to_string(fd),
                    .detail = "a descriptor does not travel to a node: give a "
                              "path there"});
}

// -- how a writer ended -------------------------------------------------------

caf::result<writer_status> connection_state::on_recall(const recall_writer& x) {
  auto* one = find_writer(x);
  if (!one)
    return to_error(unknown_writer());
  cafx::typed_response_promise<writer_status> res{self_};
  if (one->settled())
    recall(*one, res);
  else
    one->on_settled.push_back(
      [this, x, res]() mutable { recall(*find_writer(x), res); });
  return res;
}

placement* connection_state::find_writer(const recall_writer& x) {
  if (x.writer && x.writer.node() == self_->node())
    return writers_.find(x.writer.id());
  // A proxy asks for its writer under its own id.
  auto* one = writers_.find(x.id);
  return one && (!x.writer || one->real == x.writer) ? one : nullptr;
}

void connection_state::recall(const placement& x,
                              cafx::typed_response_promise<writer_status> res) {
  if (!x.real) {
    res.deliver(to_error(x.why_unplaced()));
    return;
  }
  auto bad = refuse_with(res, {.operation = stream_step_name, .path = x.path});
  when_connected(
    [this, x, bad, res]() mutable {
      if (is_of_node(x))
        ask_for_status(x.real, bad, res);
      else
        bad(restarted(x.path));
    },
    {bad});
}

bool connection_state::is_of_node(const placement& x) const {
  return x.real && x.client == link_.last_welcome().client;
}

failure connection_state::restarted(std::string path) const {
  auto res = lost("the node was started again, or has forgotten this client, "
                  "so that nobody knows how the writer ended: check the file");
  return about(std::move(res),
               {.operation = stream_step_name, .path = std::move(path)});
}

failure connection_state::unknown_writer() const {
  return {.code = errc::not_found,
          .operation = stream_step_name,
          .detail = "the connection to " + to_string(link_.address())
                  + " does not know the writer, or not any more"};
}

// -- spawning -----------------------------------------------------------------

writer_actor place_remote_writer(caf::actor_system& sys,
                                 const connection_internal_actor& connection,
                                 write_job job, lane_number lane) {
  remote_writer_actor proxy = sys.spawn<cafx::actor_of<remote_writer_state>>(
    job.path, job.mode, connection);
  // Sent by the caller, so that the message for a writer that is chained to
  // this one arrives later.
  cafx::anon_mail(
    place_writer{proxy, std::make_shared<write_job>(std::move(job)), lane})
    .send(connection);
  return proxy;
}

} // namespace spindle
