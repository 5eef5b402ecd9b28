#include "spindle/fs/sync_group.hpp"

#include <map>
#include <utility>

namespace spindle::fs {

size_t sync_group::start(engine& with) {
  std::map<std::pair<uint64_t, uint64_t>, sync_call*> first;
  size_t res = 0;
  std::vector<sync_call*> leaders;
  for (auto* call : std::exchange(calls_, {})) {
    auto info = call->stat();
    auto* leader = call;
    if (info)
      leader
        = first.try_emplace({info->device, info->inode}, call).first->second;
    if (leader == call)
      leaders.push_back(call);
    else
      leader->stand_for(*call);
  }
  for (auto* call : leaders) {
    with.start(*call);
    ++res;
  }
  return res;
}

} // namespace spindle::fs
