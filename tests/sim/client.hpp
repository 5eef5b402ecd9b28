// An actor that sends requests to a queue and records the responses.
#pragma once

#include "cafx/cafx.hpp"
#include "spindle/message/internal/node.hpp"
#include "watcher.hpp"

#include <functional>
#include <map>
#include <optional>
#include <variant>
#include <vector>

namespace spindle::sim {

/// A function that the test runs in the client actor.
struct command {
  std::function<void()> fun;
};

/// Messages that the client gets.
struct client_trait {
  using signatures = cafx::type_list<caf::result<void>(outcome),
                                     caf::result<void>(oplist_report),
                                     caf::result<void>(command)>;
};
using client_actor = cafx::typed_actor<client_trait>;

/// A request to the queue, and its result.
struct request {
  std::variant<operation, oplist> what;
  /// Number of responses; must be 1 at the end.
  size_t responses = 0;
  /// One answer per operation; empty if the queue refused the request.
  std::vector<answer> answers = {};
  /// Whether the queue refused the request.
  bool refused = false;
  /// The lane within the client.
  uint64_t member = 0;
};

/// Sends requests and records responses. The test calls its functions by
/// sending commands.
class client_state {
public:
  client_state(cafx::self_ptr<client_actor> self, promises* all,
               client_state** me)
      : self_(self), promises_(*all) {
    *me = this;
  }

  client_actor::behavior_type make_behavior();

  /// Sends a request that is answered by its result, or by a ticket and a later
  /// callback.
  void ask(const front_actor& queue, std::variant<operation, oplist> what,
           bool with_callback);

  /// Sends a request in a given lane, as the gateway of a node does. It is
  /// answered by a ticket and a later call of a function.
  void ask_in_lane(const front_actor& queue,
                   std::variant<operation, oplist> what, const in_lane& where);

  /// Sends a cancel request and records whether it succeeded.
  void cancel(const front_actor& queue, ticket which);

  void shutdown(const front_actor& queue,
                std::optional<caf::timespan> deadline);

  /// In the order of sending, which is that of admission.
  std::vector<request> requests;
  /// Number of outcomes of list entries with their own callback.
  size_t entry_outcomes = 0;
  /// Tickets that were cancelled successfully.
  std::vector<ticket> cancelled;
  std::optional<shutdown_report> last_words;

private:
  template <class... Ts>
  void ask_for_ticket(const front_actor& queue, size_t index, const Ts&... xs);

  void on_answers(size_t index, std::vector<answer> answers);

  void on_error(size_t index, const caf::error& why);

  static void flatten(const oplist_report& report, std::vector<answer>& into);

  cafx::self_ptr<client_actor> self_;
  promises& promises_;
  std::map<ticket, size_t> by_ticket_;
};

} // namespace spindle::sim

CAF_BEGIN_TYPE_ID_BLOCK(spindle_sim, caf::id_block::spindle::end)

CAF_ADD_TYPE_ID(spindle_sim, (spindle::sim::command))

CAF_END_TYPE_ID_BLOCK(spindle_sim)

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(spindle::sim::command)
