// Numbers of the lanes that lines of input name.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>

namespace spindle::tool {

/// The number of a lane, or null for the lane of all that names none.
using session_lane = std::shared_ptr<const uint64_t>;

/// Returns how a queue knows a lane; 0 is the one of all that names none.
inline uint64_t number_of(const session_lane& lane) {
  return lane ? *lane : 0;
}

/// Gives each lane a number, from 1 on. Remembers a name only as long as
/// somebody has its number, so that the names of a long run need no memory.
/// Belongs to one thread; the numbers to any.
class session_lanes {
public:
  /// Returns the number of a lane: a new one unless somebody has one.
  session_lane find(const std::string& name) {
    auto& known = by_name_[name];
    if (auto res = known.lock())
      return res;
    auto res = std::make_shared<const uint64_t>(++last_);
    known = res;
    if (by_name_.size() > limit_)
      forget_unused();
    return res;
  }

  /// Returns how many names are remembered.
  size_t known() const {
    return by_name_.size();
  }

private:
  static constexpr size_t least_limit = 1024;

  void forget_unused() {
    std::erase_if(by_name_, [](const auto& x) { return x.second.expired(); });
    // Then it takes constant time for each name on average.
    limit_ = std::max(least_limit, 2 * by_name_.size());
  }

  std::unordered_map<std::string, std::weak_ptr<const uint64_t>> by_name_;
  size_t limit_ = least_limit;
  uint64_t last_ = 0;
};

} // namespace spindle::tool
