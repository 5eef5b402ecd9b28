// What a connection does for writers of its node: places them, and resolves
// what they are chained to.
#include "spindle/node/connection.hpp"

#include "spindle/node/remote_writer.hpp"

#include <utility>

namespace spindle {

void connection_state::on_place(const place_writer& x) {
  auto& place = writers_[x.proxy.id()];
  if (!place.proxy) {
    place.proxy = x.proxy;
    place.path = x.job->path;
    self_->monitor(x.proxy, [this, id = x.proxy.id()](const caf::error&) {
      auto& gone = writers_[id];
      gone.ended = true;
      gone.proxy = remote_writer_actor{};
      ended_writers_.push_back(id);
      if (ended_writers_.size() > max_ended_writers) {
        writers_.erase(ended_writers_.front());
        ended_writers_.pop_front();
      }
      end_if_idle();
    });
  }
  if (draining_)
    refuse_writer(x, closed());
  else if (resolve_chain(x))
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
  if (!i->second.real && !i->second.refused) {
    i->second.chained.push_back([this, x] { on_place(x); });
    return false;
  }
  if (i->second.refused && x.job->chain_on_error == chain_policy::abort) {
    refuse_writer(x, chain_broken_by(*i->second.refused));
    return false;
  }
  before = i->second.real;
  x.job->chain_after_id = before ? before.id() : 0;
  return true;
}

void connection_state::await_foreign(const place_writer& x) {
  self_->monitor(x.job->chain_after, [this, x](const caf::error& reason) {
    auto known = failure_of(reason);
    if (cafx::ended_well(reason)
        || x.job->chain_on_error == chain_policy::proceed) {
      x.job->chain_after = writer_actor{};
      on_place(x);
    } else {
      refuse_writer(x, chain_broken_by(known.value_or(
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
  auto id = x.proxy.id();
  ask_for_writer(
    [this, id](writer_actor real) {
      auto& place = writers_[id];
      place.real = real;
      cafx::anon_mail(writer_placed{std::move(real)}).send(place.proxy);
      settle(place);
    },
    [this, x](failure why) { refuse_writer(x, std::move(why)); }, *x.job);
}

void connection_state::refuse_writer(const place_writer& x, failure why) {
  why.operation = stream_step_name;
  if (why.path.empty())
    why.path = x.job->path;
  auto& place = writers_[x.proxy.id()];
  place.refused = why;
  cafx::anon_mail(writer_unreachable{std::move(why)}).send(x.proxy);
  settle(place);
}

void connection_state::settle(placement& x) {
  for (auto& place : std::exchange(x.chained, {}))
    place();
}

caf::result<writer_status> connection_state::on_recall(const recall_writer& x) {
  auto i = x.writer && x.writer.node() == self_->node()
           ? writers_.find(x.writer.id())
           : writers_.end();
  if (i == writers_.end())
    return ask_for_status(x);
  if (i->second.refused)
    return to_error(*i->second.refused);
  return ask_for_status({.id = i->second.real.id()});
}

writer_actor place_remote_writer(caf::actor_system& sys,
                                 const connection_actor& connection,
                                 write_job job) {
  remote_writer_actor proxy = sys.spawn<cafx::actor_of<remote_writer_state>>(
    job.path, job.mode, connection);
  // In the name of the caller, so that a writer that is chained to this one
  // comes later.
  cafx::anon_mail(
    place_writer{proxy, std::make_shared<write_job>(std::move(job))})
    .send(connection);
  return proxy;
}

} // namespace spindle
