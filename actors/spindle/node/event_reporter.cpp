#include "spindle/node/event_reporter.hpp"

#include "spindle/message/messages.hpp"

namespace spindle {

void event_reporter::report(
  std::string event, std::vector<std::pair<std::string, std::string>> details,
  time_point now) {
  if (!observer_)
    return;
  auto others = limiter_.admit(event, now);
  if (!others)
    return;
  details.emplace_back("others", std::to_string(*others));
  observer_({std::move(event), std::move(details)});
}

void event_reporter::report_refusal(const caf::node_id& client,
                                    const failure& why, time_point now) {
  report("refused",
         {{"node", to_string(client)},
          {"error", to_string(why.code)},
          {"operation", why.operation},
          {"path", why.path},
          {"detail", why.detail}},
         now);
}

void event_reporter::report_death(const std::string& what,
                                  const caf::error& why) const {
  if (observer_)
    observer_({"died", {{"what", what}, {"reason", reason_of(why)}}});
}

} // namespace spindle
