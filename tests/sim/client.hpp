// An actor that asks a queue for things and keeps what it is told.
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

/// Something that the test wants the client to do.
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

/// Something that was asked of the queue, and what came of it.
struct request {
  std::variant<operation, oplist> what;
  /// How often the requester was told what became of it; must be 1 in the end.
  size_t told = 0;
  /// One for each operation; empty if the queue did not admit it.
  std::vector<answer> answers = {};
  /// Whether the queue did not admit it.
  bool refused = false;
};

/// Asks and keeps answers. The test has its functions called by commands.
class client_state {
public:
  client_state(cafx::self_ptr<client_actor> self, promises* all,
               client_state** me)
      : self_(self), promises_(*all) {
    *me = this;
  }

  client_actor::behavior_type make_behavior();

  /// Requests something and waits for the answer, or for a ticket and a call.
  void ask(const supervisor_actor& queue, std::variant<operation, oplist> what,
           bool with_callback);

  /// Asks to cancel something and keeps whether that was successful.
  void cancel(const supervisor_actor& queue, ticket which);

  void shutdown(const supervisor_actor& queue,
                std::optional<caf::timespan> deadline);

  /// In the order of asking, which is that of admission.
  std::vector<request> requests;
  /// Outcomes of single entries of lists.
  size_t entries_told = 0;
  /// Tickets that were cancelled with success.
  std::vector<ticket> cancelled;
  std::optional<shutdown_report> last_words;

private:
  template <class Message, class Callback>
  void ask_for_ticket(const supervisor_actor& queue, size_t index,
                      const Message& what, const Callback& who);

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
