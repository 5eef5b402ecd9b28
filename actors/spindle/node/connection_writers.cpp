// What a connection does for writers of its node: places them, and resolves
// what they are chained to.
#include "spindle/node/connection.hpp"

#include "spindle/node/remote_writer.hpp"

#include <utility>

namespace spindle {

void connection_state::on_place(const place_writer& x) {
  auto id = x.proxy.id();
  writers_.emplace(id, placement{.proxy = x.proxy, .path = x.job->path});
  self_->monitor(x.proxy,
                 [this, id](const caf::error&) { on_writer_down(id); });
  if (draining_)
    refuse_writer(x, closed());
  else
    place(x);
}

void connection_state::on_writer_down(caf::actor_id id) {
  auto& gone = writers_.at(id);
  gone.ended = true;
  gone.proxy = remote_writer_actor{};
  settle(gone);
  ended_writers_.push_back(id);
  if (ended_writers_.size() > max_ended_writers) {
    writers_.erase(ended_writers_.front());
    ended_writers_.pop_front();
  }
  end_if_idle();
}

void connection_state::place(const place_writer& x) {
  auto i = writers_.find(x.proxy.id());
  if (i != writers_.end() && !i->second.settled() && resolve_chain(x))
    send_job(x);
}

bool connection_state::resolve_chain(const place_writer& x) {
  auto& before = x.job->chain_after;
  // A writer of the node is watched there.
  if (!before || (node_ && before.node() == node_.node()))
    return true;
  auto i = before.node() == self_->node() ? writers_.find(before.id())
                                          : writers_.end();
  if (i == writers_.end()) {
    await_foreign(x);
    return false;
  }
  if (!i->second.settled()) {
    i->second.on_settled.push_back([this, x] { place(x); });
    return false;
  }
  if (!i->second.real && x.job->chain_on_error == chain_policy::abort) {
    refuse_writer(x, chain_broken_by(why_unplaced(i->second)));
    return false;
  }
  before = i->second.real;
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
  auto i = writers_.find(id);
  if (i == writers_.end())
    return;
  i->second.real = real;
  if (i->second.proxy)
    cafx::anon_mail(writer_placed{real}).send(i->second.proxy);
  settle(i->second);
}

void connection_state::refuse_writer(const place_writer& x, failure why) {
  auto i = writers_.find(x.proxy.id());
  if (i == writers_.end() || i->second.settled())
    return;
  why.operation = stream_step_name;
  if (why.path.empty())
    why.path = x.job->path;
  i->second.refused = why;
  cafx::anon_mail(writer_unreachable{std::move(why)}).send(x.proxy);
  settle(i->second);
}

void connection_state::refuse_unplaced(failure why) {
  why.operation = stream_step_name;
  for (auto& [id, one] : writers_)
    if (!one.settled()) {
      why.path = one.path;
      one.refused = why;
    }
}

void connection_state::fail_writers(const failure& why) {
  for (auto& [id, one] : writers_) {
    if (one.proxy)
      cafx::anon_mail(writer_unreachable{one.refused.value_or(why)})
        .send(one.proxy);
    settle(one);
  }
}

void connection_state::settle(placement& x) {
  for (auto& known : std::exchange(x.on_settled, {}))
    known();
}

caf::result<writer_status> connection_state::on_recall(const recall_writer& x) {
  auto res = self_->make_response_promise<writer_status>();
  auto i = x.writer && x.writer.node() == self_->node()
           ? writers_.find(x.writer.id())
           : writers_.end();
  if (i == writers_.end())
    ask_for_status(x, res);
  else if (i->second.settled())
    recall(i->second, res);
  else
    i->second.on_settled.push_back(
      [this, id = i->first, res]() mutable { recall(writers_.at(id), res); });
  return res;
}

void connection_state::recall(const placement& x,
                              cafx::typed_response_promise<writer_status> res) {
  if (x.real)
    ask_for_status({.id = x.real.id()}, res);
  else
    res.deliver(to_error(why_unplaced(x)));
}

failure connection_state::why_unplaced(const placement& x) {
  return x.refused.value_or(
    failure{.code = errc::writer_lost,
            .operation = stream_step_name,
            .path = x.path,
            .detail = "it was killed before the node spawned it"});
}

writer_actor place_remote_writer(caf::actor_system& sys,
                                 const connection_internal_actor& connection,
                                 write_job job, lane_number lane) {
  remote_writer_actor proxy = sys.spawn<cafx::actor_of<remote_writer_state>>(
    job.path, job.mode, connection);
  // In the name of the caller, so that a writer that is chained to this one
  // comes later.
  cafx::anon_mail(
    place_writer{proxy, std::make_shared<write_job>(std::move(job)), lane})
    .send(connection);
  return proxy;
}

} // namespace spindle
