#include "run/run_writers.hpp"

#include <utility>

namespace spindle::tool {

void writer_book::add(const json& id, known_writer what) {
  if (id.is_null())
    return;
  std::unique_lock guard{mutex_};
  by_id_.insert_or_assign(to_line(id), std::move(what));
}

void writer_book::on_end(const json& id, const writer_actor& actor) {
  auto key = to_line(id);
  std::unique_lock guard{mutex_};
  auto is_entry_of = [this](const std::string& of, caf::actor_id which) {
    auto i = by_id_.find(of);
    return i != by_id_.end() && i->second.actor.id() == which;
  };
  if (!is_entry_of(key, actor.id()))
    return;
  by_id_[key].ended = true;
  paused_.erase(key);
  ended_.emplace_back(std::move(key), actor.id());
  while (ended_.size() > max_ended_) {
    if (auto& [oldest, which] = ended_.front(); is_entry_of(oldest, which))
      by_id_.erase(oldest);
    ended_.pop_front();
  }
}

std::optional<known_writer> writer_book::find(const json& id) const {
  std::unique_lock guard{mutex_};
  auto i = by_id_.find(to_line(id));
  return i == by_id_.end() ? std::nullopt : std::optional{i->second};
}

void writer_book::set_paused(const json& id, bool paused) {
  auto key = to_line(id);
  std::unique_lock guard{mutex_};
  auto i = by_id_.find(key);
  if (paused && i != by_id_.end() && !i->second.ended)
    paused_.insert(std::move(key));
  else if (!paused)
    paused_.erase(key);
}

bool writer_book::any_paused() const {
  std::unique_lock guard{mutex_};
  return !paused_.empty();
}

std::vector<writer_actor> writer_book::take_paused() {
  std::unique_lock guard{mutex_};
  std::vector<writer_actor> res;
  for (const auto& key : std::exchange(paused_, {}))
    res.push_back(by_id_[key].actor);
  return res;
}

} // namespace spindle::tool
