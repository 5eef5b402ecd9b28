// Reports to the owner of a node what happens there.
#pragma once

#include "spindle/node/event_limiter.hpp"
#include "spindle/serve.hpp"

#include <chrono>
#include <string>
#include <utility>
#include <vector>

namespace spindle {

/// Reports events to the observer of a node, if there is one. Not thread-safe.
class SPINDLE_EXPORT event_reporter {
public:
  using time_point = event_limiter::time_point;

  explicit event_reporter(node_observer observer)
      : observer_(std::move(observer)) {}

  /// Reports an event that a client has caused, unless there were too many of
  /// late.
  void report(std::string event,
              std::vector<std::pair<std::string, std::string>> details,
              time_point now);

  /// Reports that a client was refused something.
  void report_refusal(const caf::node_id& client, const failure& why,
                      time_point now);

  /// Reports that the gateway, or the queue of a volume, has ended early.
  void report_death(const std::string& what, const caf::error& why) const;

private:
  node_observer observer_;
  event_limiter limiter_;
};

} // namespace spindle
