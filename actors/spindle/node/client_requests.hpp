// The requests of clients that a node has not finished.
#pragma once

#include "spindle/message/internal/node.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <utility>
#include <variant>
#include <vector>

namespace spindle {

/// Expects an output, or an error.
struct plain_requester {
  cafx::reply_slot slot;
};

/// Likewise, and may repeat the request under its id.
struct identified_requester {
  cafx::reply_slot slot;
  request_id id;
};

/// Expects a ticket at once, and a call of the callback later.
struct submitter {
  cafx::typed_response_promise<ticket> promise;
  std::variant<callback, list_callback> who;
};

/// Gets the result of a request.
using requester
  = std::variant<plain_requester, identified_requester, submitter>;

/// A request that is not finished.
struct client_request {
  requester who;
  size_t volume = 0;
  caf::node_id client;
  size_t ops = 0;
  uint64_t bytes = 0;
  /// The callbacks of the operations of a list.
  std::vector<callback> callbacks{};
  /// Its ticket at the queue; empty until that has admitted it.
  std::optional<ticket> admitted{};
  /// Attempts to cancel it, until it is admitted.
  std::vector<cafx::typed_response_promise<bool>> cancelling{};
};

/// The requests that are not finished, by number. Clients know the number of a
/// request as its ticket. Numbers begin at random, so that a ticket from before
/// a restart of the node means no request of today. Not thread-safe.
class client_requests {
public:
  /// Returns a number that was not used before.
  uint64_t next_number() {
    return ++last_number_;
  }

  /// Adds a request.
  /// @returns its number.
  uint64_t add(client_request one) {
    auto number = next_number();
    all_.emplace(number, std::move(one));
    return number;
  }

  /// Returns a request, null if it is finished.
  client_request* find(uint64_t number) {
    auto i = all_.find(number);
    return i == all_.end() ? nullptr : &i->second;
  }

  /// Returns a request of one client, null if it is finished or another's.
  client_request* find(uint64_t number, const caf::node_id& client) {
    auto* res = find(number);
    return res && res->client == client ? res : nullptr;
  }

  /// Removes a request.
  std::optional<client_request> take(uint64_t number) {
    auto found = all_.extract(number);
    if (found.empty())
      return std::nullopt;
    return std::move(found.mapped());
  }

private:
  std::map<uint64_t, client_request> all_;
  uint64_t last_number_ = uint64_t{std::random_device{}()} << 16;
};

} // namespace spindle
