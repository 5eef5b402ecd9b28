#include "spindle/writer/chunk_queue.hpp"

#include "spindle/queue/invariant.hpp"

#include <algorithm>
#include <utility>

namespace spindle {

chunk_queue::chunk_queue(write_data data) : cut_(data.cut) {
  for (auto& block : data.blocks)
    add(std::move(block));
}

void chunk_queue::add(buffer block) {
  bytes_ += block.size();
  if (!block.empty())
    blocks_.push_back(std::move(block));
}

uint64_t chunk_queue::next_size(uint64_t limit) const {
  if (empty())
    return 0;
  uint64_t all = blocks_.front().size();
  return cut_ ? std::min(limit, all) : all;
}

buffer chunk_queue::take(uint64_t limit) {
  invariant(!empty() && limit > 0,
            "a chunk is taken from an empty queue, or one of 0 bytes");
  auto& first = blocks_.front();
  auto res = first.slice(0, limit);
  first = first.slice(res.size(), first.size());
  if (first.empty())
    blocks_.pop_front();
  bytes_ -= res.size();
  return res;
}

} // namespace spindle
