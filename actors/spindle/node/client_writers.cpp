#include "spindle/node/client_writers.hpp"

#include <utility>

namespace spindle {

void client_writers::add(caf::actor_id writer, client_writer what) {
  all_[writer] = std::move(what);
}

bool client_writers::add_source(const caf::actor_addr& source,
                                const writer_actor& writer) {
  auto [i, is_new] = sources_.try_emplace(source);
  i->second.emplace(writer.id(), writer);
  return is_new;
}

const client_writer* client_writers::find(caf::actor_id writer) const {
  auto i = all_.find(writer);
  return i == all_.end() ? nullptr : &i->second;
}

client_writer client_writers::end(caf::actor_id writer,
                                  const caf::actor_addr& source) {
  auto& gone = all_.at(writer);
  auto res = gone;
  gone.handle = writer_actor{};
  if (auto i = sources_.find(source); i != sources_.end())
    i->second.erase(writer);
  ended_.push_back(writer);
  if (ended_.size() > max_ended_writers) {
    all_.erase(ended_.front());
    ended_.pop_front();
  }
  return res;
}

std::vector<writer_actor>
client_writers::take_source(const caf::actor_addr& source) {
  std::vector<writer_actor> res;
  if (auto found = sources_.extract(source); !found.empty())
    for (auto& [id, writer] : found.mapped())
      res.push_back(std::move(writer));
  return res;
}

} // namespace spindle
