#include "spindle/fs/sync_group.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace spindle::fs {

size_t sync_group::start(engine& with) {
  auto calls = std::exchange(calls_, {});
  std::stable_sort(calls.begin(), calls.end(), [](auto* x, auto* y) {
    return x->opening_order() < y->opening_order();
  });
  std::map<std::pair<uint64_t, uint64_t>, sync_call*> first;
  std::vector<sync_call*> leaders;
  for (auto* call : calls) {
    auto* leader = call;
    if (auto info = call->stat())
      leader
        = first.try_emplace({info->device, info->inode}, call).first->second;
    if (leader == call)
      leaders.push_back(call);
    else
      leader->stand_for(*call);
  }
  for (auto* call : leaders)
    with.start(*call);
  return leaders.size();
}

} // namespace spindle::fs
