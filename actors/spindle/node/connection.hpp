// The actor that stands for a node in the processes of its clients.
//
// CAF tells nobody that a request is lost when its connection is. So all
// requests go through an actor of the client's own process. It fails those that
// are pending when the link breaks, and connects again for the next one, or
// when it is asked to.
#pragma once

#include "spindle/connect.hpp"
#include "spindle/export.hpp"
#include "spindle/message/internal/node.hpp"
#include "spindle/node/node_link.hpp"
#include "spindle/node/pending_requests.hpp"
#include "spindle/node/placements.hpp"
#include "spindle/node/submissions.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace spindle {

/// A connection to a node. Never blocks.
class SPINDLE_EXPORT connection_state {
public:
  static constexpr const char* name = "spindle.connection";

  // -- constructors, destructors, and assignment operators --------------------

  connection_state(cafx::self_ptr<connection_internal_actor> self,
                   node_address where, timeouts limits, after_loss how);

  connection_state(const connection_state&) = delete;

  connection_state& operator=(const connection_state&) = delete;

  ~connection_state();

  connection_internal_actor::behavior_type make_behavior();

private:
  using on_failure = std::function<void(failure)>;

  // -- handlers, by what they are for -----------------------------------------

  auto request_handlers();

  auto identified_handlers();

  auto control_handlers();

  auto writer_handlers();

  auto link_handlers();

  // -- the link ---------------------------------------------------------------

  /// Calls `send` when the link is up, or fails the request if it cannot be.
  void when_connected(std::function<void()> send, pending_request one);

  /// Fails all that is pending.
  void on_lost(const std::string& why);

  // -- requests (connection_ask.hpp, connection_requests.cpp) -----------------

  /// Sends `xs` to the node, now or when the link is up. Calls either
  /// `on_response` with the response, an `Out`, or `bad`.
  template <class Out, class OnResponse, class... Ts>
  void ask(OnResponse on_response, on_failure bad, Ts... xs);

  /// Sends `xs` to the node. The link must be up.
  template <class Out, class OnResponse, class... Ts>
  void send(OnResponse on_response, pending_request one, Ts... xs);

  /// Forwards a message and its response, unless the connection is to end. A
  /// failure names what was asked for.
  template <class Out, class... Ts>
  caf::result<Out> forward(Ts... xs);

  /// Asks the node to spawn a writer.
  void ask_for_writer(std::function<void(writer_actor)> on_response,
                      on_failure bad, const write_job& job, lane_number lane);

  /// Asks the node for the status of a writer, also after `shutdown`.
  void ask_for_status(const writer_actor& writer, on_failure bad,
                      cafx::typed_response_promise<writer_status> res);

  /// Asks the node for an operation. The response goes to the sender of the
  /// current message.
  /// @returns why it cannot be sent.
  caf::error ask_for(operation op, lane_number lane);

  caf::result<answer> on_identified(request_id id, const operation& op);

  caf::result<oplist_report> on_list(request_id id, oplist list,
                                     lane_number lane);

  /// Submits an operation or oplist with this actor as the callback.
  template <class Work>
  caf::result<ticket> on_submission(Work what, recipient who, lane_number lane);

  /// Passes the result of a submission on to its callback.
  template <class Result>
  void on_result(const Result& x);

  /// Returns the lane of the actor that sent the current message.
  lane_number lane_of_sender() const;

  /// Returns why an operation or oplist cannot be sent.
  template <class Work>
  std::optional<failure> refusal(const Work& what) const;

  /// Returns why a message of that size cannot be sent.
  std::optional<failure> too_large(uint64_t bytes) const;

  /// Returns the failure that an error wraps, `node_lost` if it wraps none.
  failure explained(const caf::error& why) const;

  failure lost(std::string why) const;

  failure closed() const;

  // -- the messages of the link -----------------------------------------------

  caf::result<welcome> on_reach_node();

  caf::result<request_id> on_next_request_id();

  // -- writers (connection_writers.cpp) ---------------------------------------

  void on_place(const place_writer& x);

  /// Returns whether it is open what becomes of a writer.
  bool is_open(const place_writer& x);

  /// Asks the node for a writer as soon as the link is up, and the writer is
  /// known that it is chained to. Does nothing if the placement is settled.
  void place(const place_writer& x);

  /// Replaces the proxy that a job is chained to by what it stands for. The
  /// link must be up.
  /// @returns whether the job can be sent now; otherwise it is sent later, or
  ///          refused.
  bool resolve_chain(const place_writer& x);

  /// Places a writer when the one has ended that it is chained to, and that is
  /// none of the node.
  void await_foreign(const place_writer& x);

  /// Places a writer that is chained to nothing any more.
  void unchain(const place_writer& x);

  /// The predecessor of a writer has failed with `before`.
  void break_chain(const place_writer& x, const failure& before);

  /// Asks the node for a writer. The link must be up.
  void send_job(const place_writer& x);

  void on_spawned(caf::actor_id id, const writer_actor& real);

  void refuse_writer(const place_writer& x, failure why);

  /// Refuses a writer whose job has a descriptor, which it may have to close.
  void refuse_descriptor(const place_writer& x);

  caf::result<writer_status> on_recall(const recall_writer& x);

  /// Answers with the status of a writer. Its placement must be settled.
  void recall(const placement& x,
              cafx::typed_response_promise<writer_status> res);

  /// Returns the writer that somebody asks for, null if it is not known. Ids
  /// are those of proxies.
  placement* find_writer(const recall_writer& x);

  /// Returns whether a writer is one of the process that the link leads to. If
  /// the node was started again, others may have the same ids there. The link
  /// must be up.
  bool is_of_node(const placement& x) const;

  /// Returns the failure of a writer whose node was started again.
  failure restarted(std::string path) const;

  failure unknown_writer() const;

  // -- the end ----------------------------------------------------------------

  caf::result<shutdown_report> on_shutdown(const shutdown& how);

  void on_deadline();

  /// Ends if there was a `shutdown` and nothing is pending.
  void end_if_idle();

  void end();

  // -- member variables -------------------------------------------------------

  cafx::self_ptr<connection_internal_actor> self_;
  node_link link_;
  pending_requests requests_;
  submissions submissions_;
  placements writers_;
  uint64_t last_sequence_ = 0;

  /// Whether there was a `shutdown`.
  bool draining_ = false;
  std::vector<undone> undone_;
  std::vector<cafx::typed_response_promise<shutdown_report>> shutdowns_;
};

/// Spawns a proxy for a writer, and has `connection` ask its node for the
/// writer. The proxy reports all errors.
/// @param lane the writer begins after what this lane has asked for before.
SPINDLE_EXPORT writer_actor place_remote_writer(
  caf::actor_system& sys, const connection_internal_actor& connection,
  write_job job, lane_number lane);

} // namespace spindle
