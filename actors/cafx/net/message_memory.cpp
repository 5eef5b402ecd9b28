#include "cafx/net/message_memory.hpp"

#include <algorithm>
#include <vector>

namespace cafx::net {

bool message_memory::claim(receiver& who, size_t bytes, clock::time_point now) {
  if (line_.empty() && fits(bytes)) {
    take(who, bytes, now);
    return true;
  }
  // Measure the progress of current receivers from now on, since before nobody
  // waited.
  if (line_.empty())
    for (auto& [other, held] : shares_)
      held = {held.bytes, other->received(), now};
  line_.push_back({&who, bytes});
  return false;
}

void message_memory::release(receiver& who, clock::time_point now) {
  if (auto i = shares_.find(&who); i != shares_.end()) {
    taken_ -= i->second.bytes;
    shares_.erase(i);
  } else {
    std::erase_if(line_, [&who](auto& x) { return x.who == &who; });
  }
  serve(now);
}

void message_memory::check(clock::time_point now) {
  if (line_.empty())
    return;
  std::vector<receiver*> stalled;
  for (auto& [who, held] : shares_) {
    if (auto come = who->received(); come - held.seen >= min_progress)
      held = {held.bytes, come, now};
    else if (now - held.since >= progress_time)
      stalled.push_back(who);
  }
  for (auto* who : stalled)
    who->on_stalled();
}

void message_memory::take(receiver& who, size_t bytes, clock::time_point now) {
  taken_ += bytes;
  shares_[&who] = {bytes, who.received(), now};
}

void message_memory::serve(clock::time_point now) {
  while (!line_.empty() && fits(line_.front().bytes)) {
    auto [who, bytes] = line_.front();
    line_.pop_front();
    take(*who, bytes, now);
    who->on_room();
  }
}

} // namespace cafx::net
