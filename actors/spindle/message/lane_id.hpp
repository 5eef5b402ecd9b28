// Names of lanes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

namespace spindle {

/// Names a lane: whose operations are executed in the order of asking.
struct lane_id {
  /// Whose share of the disk it takes: an actor of this process, or a client of
  /// a node.
  uint64_t client = 0;
  /// Which of the lanes of this client; they divide its share.
  uint64_t member = 0;

  bool operator==(const lane_id&) const = default;
};

/// Where a job goes.
struct in_lane {
  lane_id id;
  /// The weight of the lane's client from then on; at least 1. Clients share
  /// the time of the disk in proportion to their weights.
  unsigned weight = 1;
};

/// Returns the client that all actors of another node belong to. The IDs of
/// actors here are small numbers.
template <class Node>
uint64_t client_of(const Node& node) {
  return std::hash<Node>{}(node) | uint64_t{1} << 63;
}

} // namespace spindle

template <>
struct std::hash<spindle::lane_id> {
  size_t operator()(const spindle::lane_id& x) const noexcept {
    return std::hash<uint64_t>{}(x.client * 0x9e3779b97f4a7c15 + x.member);
  }
};
