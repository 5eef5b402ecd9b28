#include "spindle/node/client_admission.hpp"

#include <string>
#include <utility>

namespace spindle {

client_admission::client_admission(
  node_limits limits, std::shared_ptr<const cafx::unsent_bytes> unsent)
    : limits_(std::move(limits)), answers_(std::move(unsent)) {}

void client_admission::apply(const node_limits& x) {
  auto listening = std::exchange(limits_, x);
  limits_.max_connections = listening.max_connections;
  limits_.max_message_bytes = listening.max_message_bytes;
  limits_.max_handshakes = listening.max_handshakes;
  limits_.max_unfinished_bytes = listening.max_unfinished_bytes;
}

std::optional<failure> client_admission::admit(const caf::node_id& client,
                                               size_t ops, uint64_t bytes,
                                               time_point now) {
  if (auto why = node_excess(bytes))
    return why;
  if (auto why = account_of(client, now)
                   .admit(limits_, ops, bytes, answers_.of(client), now))
    return why;
  held_bytes_ += bytes;
  return std::nullopt;
}

void client_admission::release(const caf::node_id& client, size_t ops,
                               uint64_t bytes, time_point now) {
  account_of(client, now).release(ops, bytes);
  held_bytes_ -= bytes;
}

std::optional<failure>
client_admission::admit_writer(const caf::node_id& client, uint64_t bytes,
                               time_point now) {
  if (auto why = node_excess(bytes))
    return why;
  if (auto why = account_of(client, now)
                   .admit_writer(limits_, bytes, answers_.of(client), now))
    return why;
  held_bytes_ += bytes;
  return std::nullopt;
}

void client_admission::release_writer(const caf::node_id& client,
                                      uint64_t bytes, time_point now) {
  account_of(client, now).release_writer(bytes);
  held_bytes_ -= bytes;
}

std::optional<failure>
client_admission::answer_excess(const caf::node_id& client,
                                uint64_t bytes) const {
  if (bytes < outgoing_answers::small || !answers_.counts())
    return std::nullopt;
  if (auto why = node_excess(bytes))
    return why;
  auto unread = answers_.of(client);
  // A client that has read everything gets any answer.
  if (unread == 0 || unread + bytes <= limits_.max_bytes)
    return std::nullopt;
  return failure{.code = errc::limit_exceeded,
                 .detail = "max_bytes of each client is "
                         + std::to_string(limits_.max_bytes) + ", and "
                         + std::to_string(unread)
                         + " bytes of answers were not read yet"};
}

std::optional<failure> client_admission::node_excess(uint64_t bytes) const {
  if (bytes == 0
      || held_bytes_ + answers_.total() + bytes <= limits_.max_total_bytes)
    return std::nullopt;
  return failure{.code = errc::limit_exceeded,
                 .detail = "max_total_bytes of all clients is "
                         + std::to_string(limits_.max_total_bytes)};
}

client_account& client_admission::account_of(const caf::node_id& client,
                                             time_point now) {
  auto i = accounts_.find(client);
  if (i != accounts_.end())
    return i->second;
  std::erase_if(accounts_, [now](const auto& x) { return x.second.idle(now); });
  return accounts_[client];
}

} // namespace spindle
