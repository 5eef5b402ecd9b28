#include "spindle/node/client_sessions.hpp"

#include "spindle/node/volume_path.hpp"

#include <algorithm>
#include <iterator>

namespace spindle {

uint64_t payload_of(const remembered_answer& result) {
  return std::visit([](const auto& x) { return payload_of(x); }, result);
}

uint64_t client_sessions::enter(uint64_t id) {
  if (!sessions_.contains(id)) {
    std::uniform_int_distribution<uint64_t> any{1};
    id = any(random_);
    sessions_.try_emplace(id);
  }
  sessions_.at(id).last_used = ++uses_;
  return id;
}

client_sessions::memory* client_sessions::find(uint64_t id) {
  auto i = sessions_.find(id);
  if (i == sessions_.end())
    return nullptr;
  i->second.last_used = ++uses_;
  return &i->second.requests;
}

std::vector<repetition> client_sessions::forget(size_t most) {
  std::vector<repetition> res;
  auto less_used = [](const auto& x, const auto& y) {
    return x.second.last_used < y.second.last_used;
  };
  while (sessions_.size() > std::max<size_t>(most, 1)) {
    auto oldest
      = std::min_element(sessions_.begin(), sessions_.end(), less_used);
    auto waiting = oldest->second.requests.take_waiting();
    std::move(waiting.begin(), waiting.end(), std::back_inserter(res));
    sessions_.erase(oldest);
  }
  return res;
}

} // namespace spindle
