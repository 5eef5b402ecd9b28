// What stands for a node in the processes of its clients.
//
// CAF tells nobody that a request is lost when its connection is. So all
// requests go by way of an actor of the client's own process, which fails those
// that wait when the connection breaks, and connects again for the next one,
// or when it is asked to.
#pragma once

#include "spindle/connect.hpp"
#include "spindle/export.hpp"
#include "spindle/message/internal/node.hpp"
#include "spindle/queue/job.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace spindle {

/// A connection to a node. Never blocks.
class SPINDLE_EXPORT connection_state {
public:
  static constexpr const char* name = "spindle.connection";

  // -- constructors, destructors, and assignment operators --------------------

  connection_state(cafx::self_ptr<connection_internal_actor> self,
                   node_address where, patience waits, after_loss how);

  connection_state(const connection_state&) = delete;

  connection_state& operator=(const connection_state&) = delete;

  ~connection_state();

  connection_internal_actor::behavior_type make_behavior();

private:
  // -- nested types -----------------------------------------------------------

  using on_failure = std::function<void(failure)>;

  /// A request without an answer.
  struct request {
    on_failure fail;
    /// What it asks for, if that is an operation or oplist.
    undone what{};
  };

  /// A request that waits for the connection.
  struct waiting {
    std::function<void()> send;
    request whose;
  };

  /// A request whose result goes to a callback.
  struct submission {
    std::shared_ptr<job> what;
    std::vector<callback> callbacks;
  };

  /// A writer of the node that a proxy stands for.
  struct placement {
    remote_writer_actor proxy{};
    std::string path{};
    /// Null until the node has spawned it, and if it never does.
    writer_actor real{};
    std::optional<failure> refused{};
    /// Called when either is known, or the proxy has ended.
    std::vector<std::function<void()>> on_settled{};
    bool ended = false;

    bool settled() const {
      return real || refused || ended;
    }
  };

  // -- the connection ---------------------------------------------------------

  /// Calls `good` when connected, or fails the request if that cannot be.
  void when_connected(std::function<void()> good, request whose);

  void connect();

  void on_connected(const caf::strong_actor_ptr& whom);

  void on_welcome(const node_actor& node, const welcome& x);

  /// The connection is gone, or could not be made.
  void on_lost(const std::string& why);

  /// Tells the callbacks of all that was submitted that it failed.
  void fail_submissions(const failure& why);

  void look_later();

  void look();

  // -- requests (connection_ask.hpp, connection_requests.cpp) -----------------

  /// Sends `xs` to the node, now or when connected. Either `good` gets the
  /// answer, an `Out`, or `bad` an error that wraps a failure.
  template <class Out, class Good, class... Ts>
  void ask(Good good, on_failure bad, Ts... xs);

  template <class Out, class Good, class... Ts>
  void ask_now(Good good, request whose, Ts... xs);

  /// Fails a request with what it asks for in the failure.
  static void fail(request& whose, failure why);

  /// Forwards a message and its answer, unless the connection is to end.
  template <class Out, class... Ts>
  caf::result<Out> forward(Ts... xs);

  /// Asks the node to spawn a writer.
  void ask_for_writer(std::function<void(writer_actor)> good, on_failure bad,
                      const write_job& job, lane_number lane);

  /// Asks the node how a writer is doing, also while this actor drains.
  void ask_for_status(const recall_writer& x,
                      cafx::typed_response_promise<writer_status> res);

  /// Asks the node for an operation in the name of whoever sent the message
  /// that is being handled.
  /// @returns why it cannot be asked for.
  caf::error ask_for(operation op, lane_number lane);

  caf::result<oplist_report> on_list(request_id id, oplist list,
                                     lane_number lane);

  /// Submits an operation or oplist with this actor as the callback.
  template <class Work>
  caf::result<ticket> on_submission(Work what, recipient who, lane_number lane);

  /// Returns the lane of the actor that sent the current message.
  lane_number lane_of_sender() const;

  /// Tells the callback of a submission what became of it.
  template <class Result>
  void on_result(const Result& x);

  void tell(submission& one, const outcome& x);

  void tell(submission& one, const oplist_report& x);

  /// Returns why a message of that size cannot be sent.
  std::optional<failure> too_large(uint64_t bytes) const;

  /// Returns an error that wraps a failure, whatever went wrong.
  failure explained(const caf::error& why) const;

  failure lost(std::string why) const;

  failure closed() const;

  // -- writers (connection_writers.cpp) ---------------------------------------

  void on_place(const place_writer& x);

  void on_writer_down(caf::actor_id id);

  /// Asks the node for a writer as soon as it is known what it is chained to.
  /// Does nothing if the writer was refused or has ended meanwhile.
  void place(const place_writer& x);

  /// Replaces the proxy that a job is chained to by what it stands for.
  /// @returns whether the job can be sent now; it is later otherwise.
  bool resolve_chain(const place_writer& x);

  /// Sends a job when a writer has ended that is not the node's.
  void await_foreign(const place_writer& x);

  void send_job(const place_writer& x);

  void on_spawned(caf::actor_id id, const writer_actor& real);

  void refuse_writer(const place_writer& x, failure why);

  /// Refuses all writers that the node has not spawned.
  void refuse_unplaced(failure why);

  /// Tells the proxies of all writers that nothing is known of these any more.
  void fail_writers(const failure& why);

  static void settle(placement& x);

  /// Returns why there is no writer at the node.
  static failure why_unplaced(const placement& x);

  caf::result<writer_status> on_recall(const recall_writer& x);

  /// Answers how a writer is doing whose place is known.
  void recall(const placement& x,
              cafx::typed_response_promise<writer_status> res);

  // -- the end ----------------------------------------------------------------

  caf::result<shutdown_report> on_shutdown(const shutdown& how);

  void on_deadline();

  void end_if_idle();

  void end();

  // -- member variables -------------------------------------------------------

  cafx::self_ptr<connection_internal_actor> self_;
  node_address where_;
  patience waits_;
  after_loss after_loss_;
  /// Whether requests fail until somebody asks for a new connection.
  bool is_broken_ = false;

  /// Null unless connected.
  node_actor node_;
  welcome welcome_;
  bool connecting_ = false;
  /// Counts connections, so that what concerns an old one is told apart.
  uint64_t attempt_ = 0;
  std::deque<waiting> waiting_;
  /// Requests under way, by number.
  std::map<uint64_t, request> pending_;
  uint64_t last_number_ = 0;
  uint64_t last_sequence_ = 0;

  std::map<ticket, submission> submissions_;
  std::map<caf::actor_id, placement> writers_;
  /// Those that have ended, in the order of their ends.
  std::deque<caf::actor_id> ended_writers_;

  bool draining_ = false;
  /// What the answer to a shutdown says.
  shutdown_report last_words_;
  std::vector<cafx::typed_response_promise<shutdown_report>> waiting_for_end_;
};

/// Spawns a proxy for a writer, and has `connection` ask its node for the
/// writer. What is wrong, the proxy tells.
/// @param lane the writer begins after what this lane has asked for before.
SPINDLE_EXPORT writer_actor place_remote_writer(
  caf::actor_system& sys, const connection_internal_actor& connection,
  write_job job, lane_number lane);

} // namespace spindle
