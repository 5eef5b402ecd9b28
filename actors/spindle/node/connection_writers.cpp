// The writers of a connection: asks the node for them, and resolves what they
// are chained to.
#include "spindle/node/connection.hpp"

#include "spindle/node/remote_writer.hpp"

#include <utility>

namespace spindle {

void connection_state::on_place(const place_writer& x) {
  auto id = x.proxy.id();
  writers_.add(x.proxy, x.job->path);
  self_->monitor(x.proxy, [this, id](const caf::error&) {
    writers_.end(id);
    end_if_idle();
  });
  if (draining_)
    refuse_writer(x, closed());
  else
    place(x);
}

void connection_state::place(const place_writer& x) {
  auto* one = writers_.find(x.proxy.id());
  if (one && !one->settled() && resolve_chain(x))
    send_job(x);
}

bool connection_state::resolve_chain(const place_writer& x) {
  auto& before = x.job->chain_after;
  // The node monitors its own writers.
  if (!before || (link_.node() && before.node() == link_.node().node()))
    return true;
  auto* one
    = before.node() == self_->node() ? writers_.find(before.id()) : nullptr;
  if (!one) {
    await_foreign(x);
    return false;
  }
  if (!one->settled()) {
    one->on_settled.push_back([this, x] { place(x); });
    return false;
  }
  if (!one->real && x.job->chain_on_error == chain_policy::abort) {
    refuse_writer(x, chain_broken_by(one->why_unplaced()));
    return false;
  }
  before = one->real;
  x.job->chain_after_id = before ? before.id() : 0;
  return true;
}

void connection_state::await_foreign(const place_writer& x) {
  self_->monitor(x.job->chain_after, [this, x](const caf::error& reason) {
    if (cafx::ended_well(reason)
        || x.job->chain_on_error == chain_policy::proceed) {
      x.job->chain_after = writer_actor{};
      place(x);
    } else {
      refuse_writer(x, chain_broken_by(failure_of(reason).value_or(
                         failure{.code = errc::writer_lost,
                                 .operation = stream_step_name,
                                 .detail = "nobody knows how it ended"})));
    }
  });
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
  if (one->proxy)
    cafx::anon_mail(writer_placed{real}).send(one->proxy);
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

caf::result<writer_status> connection_state::on_recall(const recall_writer& x) {
  auto res = self_->make_response_promise<writer_status>();
  auto* one = x.writer && x.writer.node() == self_->node()
              ? writers_.find(x.writer.id())
              : nullptr;
  if (!one)
    ask_for_status(x, res);
  else if (one->settled())
    recall(*one, res);
  else
    one->on_settled.push_back([this, id = x.writer.id(), res]() mutable {
      recall(*writers_.find(id), res);
    });
  return res;
}

void connection_state::recall(const placement& x,
                              cafx::typed_response_promise<writer_status> res) {
  if (x.real)
    ask_for_status({.id = x.real.id()}, res);
  else
    res.deliver(to_error(x.why_unplaced()));
}

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
