#include "spindle/node/pending_requests.hpp"

#include <string>
#include <utility>

namespace spindle {

namespace {

/// The bytes of a message beside those that its operations carry, unless paths
/// are long.
constexpr uint64_t message_overhead = 4096;

} // namespace

failure about(failure why, const undone& what) {
  if (why.operation.empty())
    why.operation = what.operation;
  if (why.path.empty())
    why.path = what.path;
  return why;
}

void fail(pending_request& one, failure why) {
  one.on_failure(about(std::move(why), one.what));
}

std::optional<failure> beyond_message_limit(uint64_t most, uint64_t bytes) {
  if (most == 0 || bytes + message_overhead <= most)
    return std::nullopt;
  return failure{.code = errc::limit_exceeded,
                 .detail = "max_message_bytes of the node is "
                         + std::to_string(most) + ", the request carries "
                         + std::to_string(bytes)};
}

bool pending_requests::has_room() const {
  return waiting_.size() < max_waiting;
}

void pending_requests::wait(std::function<void()> send, pending_request one) {
  waiting_.push_back({std::move(send), std::move(one)});
}

void pending_requests::send_waiting() {
  for (auto& x : std::exchange(waiting_, {}))
    x.send();
}

uint64_t pending_requests::add(pending_request one) {
  sent_.emplace(++last_number_, std::move(one));
  return last_number_;
}

std::optional<pending_request> pending_requests::take(uint64_t number) {
  auto found = sent_.extract(number);
  if (found.empty())
    return std::nullopt;
  return std::move(found.mapped());
}

void pending_requests::fail_all(const failure& why) {
  // A request may be followed by another one when it fails, which is new.
  for (auto& x : std::exchange(waiting_, {}))
    fail(x.one, why);
  for (auto& [number, one] : std::exchange(sent_, {}))
    fail(one, why);
}

void pending_requests::add_undone(std::vector<undone>& to) const {
  auto add = [&to](undone what, bool started) {
    what.started = started;
    if (!what.operation.empty())
      to.push_back(std::move(what));
  };
  for (const auto& x : waiting_)
    add(x.one.what, false);
  for (const auto& [number, one] : sent_)
    add(one.what, true);
}

} // namespace spindle
