#include "spindle/node/placements.hpp"

namespace spindle {

void placement::notify_settled() {
  for (auto& call : std::exchange(on_settled, {}))
    call();
}

failure placement::why_unplaced() const {
  return refused.value_or(
    failure{.code = errc::writer_lost,
            .operation = stream_step_name,
            .path = path,
            .detail = "it was killed before the node spawned it"});
}

void placements::add(const remote_writer_actor& proxy, std::string path) {
  all_.emplace(proxy.id(), placement{.proxy = proxy, .path = std::move(path)});
}

placement* placements::find(caf::actor_id proxy) {
  auto i = all_.find(proxy);
  return i == all_.end() ? nullptr : &i->second;
}

void placements::end(caf::actor_id proxy) {
  auto& gone = all_.at(proxy);
  gone.ended = true;
  gone.proxy = remote_writer_actor{};
  gone.notify_settled();
  ended_.push_back(proxy);
  if (ended_.size() > max_ended_writers) {
    all_.erase(ended_.front());
    ended_.pop_front();
  }
}

void placements::finish_all() {
  for (auto& [id, one] : all_)
    if (!one.ended)
      cafx::anon_mail(finish_writing{}).send(one.proxy);
}

void placements::refuse_unplaced(failure why) {
  why.operation = stream_step_name;
  for (auto& [id, one] : all_)
    if (!one.settled()) {
      why.path = one.path;
      one.refused = why;
    }
}

void placements::fail_all(const failure& why) {
  notify_all(why);
  for (auto& [id, one] : all_)
    one.notify_settled();
}

void placements::notify_all(const failure& why) const {
  for (const auto& [id, one] : all_)
    if (one.proxy)
      cafx::anon_mail(writer_unreachable{one.refused.value_or(why)})
        .send(one.proxy);
}

void placements::add_undone(std::vector<undone>& to) const {
  for (const auto& [id, one] : all_)
    if (!one.ended)
      to.push_back(
        {.operation = stream_step_name, .path = one.path, .started = true});
}

} // namespace spindle
