// The actor that a node publishes: takes the requests of clients, and has the
// queues of the volumes execute them.
//
// It is no guard: nodes that are connected can address any actor. What confines
// clients is the file system of each volume (fs/posix/rooted_vfs.hpp). The
// gateway translates paths, does each request once, and keeps clients within
// limits.
#pragma once

#include "spindle/export.hpp"
#include "spindle/message/internal/node.hpp"
#include "spindle/node/client_admission.hpp"
#include "spindle/node/client_requests.hpp"
#include "spindle/node/client_sessions.hpp"
#include "spindle/node/client_writers.hpp"
#include "spindle/node/event_reporter.hpp"
#include "spindle/node/late_refusals.hpp"
#include "spindle/node/volume_list.hpp"
#include "spindle/node/volume_path.hpp"
#include "spindle/serve.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace spindle {

/// How many lanes a client has, beside those of its writers. A queue searches
/// all lanes for a ticket, so a client must not have any number of them.
inline constexpr uint64_t max_client_lanes = 1024;

/// The gateway of a node. Never blocks.
class SPINDLE_EXPORT gateway_state {
public:
  static constexpr const char* name = "spindle.gateway";

  // -- constructors, destructors, and assignment operators --------------------

  /// @param volumes must have valid names, all of them different.
  /// @param unsent bytes that connections hold for clients that do not read;
  ///               null if these are not to be counted.
  gateway_state(cafx::self_ptr<gateway_actor> self,
                std::vector<served_volume> volumes, node_limits limits,
                node_observer observer,
                std::shared_ptr<const cafx::unsent_bytes> unsent = nullptr);

  gateway_state(const gateway_state&) = delete;

  gateway_state& operator=(const gateway_state&) = delete;

  /// Reports the end of the gateway, unless it was told to end.
  ~gateway_state();

  gateway_actor::behavior_type make_behavior();

private:
  // -- messages (gateway.cpp) -------------------------------------------------

  /// Returns the handlers of operations and oplists, as a tuple.
  auto operation_handlers();

  /// Returns the handlers of the other messages that a queue understands.
  auto queue_handlers();

  /// Returns the handlers of what only connections send.
  auto connection_handlers();

  /// Returns the handlers of what only actors of this process send.
  auto internal_handlers();

  /// Who sent a request.
  struct origin {
    caf::node_id client;
    lane_id lane;
  };

  // -- requests (gateway.cpp) -------------------------------------------------

  /// Hands an operation or oplist to the queue of its volume, or refuses it
  /// later if it is beyond a limit.
  /// @returns any other reason why it cannot be done.
  template <class Work>
  std::optional<failure> start(Work what, requester who, const origin& from);

  /// Submits an operation or oplist to a queue.
  template <class Work>
  void submit(uint64_t number, Work what, const front_actor& to,
              const lane_id& lane);

  template <class Result, class Work>
  Result on_request(Work what);

  template <class Work, class Callback>
  caf::result<ticket> on_submission(Work what, Callback who,
                                    const origin& from);

  template <class Result, class Work>
  Result on_identified(request_id id, Work what, const origin& from);

  /// Answers a request that is repeated while it is pending, or later.
  template <class Result, class Work>
  Result on_repetition(request_id id, const Work& what,
                       client_sessions::memory& from, bool is_done);

  /// A queue has admitted a request.
  void on_admitted(uint64_t number, ticket id);

  /// A queue has refused a request, or is gone.
  void on_refused(uint64_t number, const caf::error& why);

  // -- answers (gateway_answers.cpp) ------------------------------------------

  /// Refuses a request that is beyond a limit, after a pause.
  void refuse_late(requester who, caf::error why);

  /// Sends the refusals that are due, or all if the gateway is closed.
  void on_refusals_due();

  /// Removes a request, and releases what it holds.
  std::optional<client_request> take(uint64_t number);

  void on_op_done(uint64_t number, outcome result);

  void on_list_done(uint64_t number, oplist_report result);

  /// Counts an output that is going to be sent. Replaces it by a failure if its
  /// client has not read enough of those before. Only operations that read have
  /// large outputs, so that such a failure hides no change.
  /// @param copies how often it is going to be sent.
  void count_or_replace(const caf::node_id& client, outcome& x, size_t copies);

  void count_or_replace(const caf::node_id& client, oplist_report& x,
                        size_t copies);

  /// Counts an answer that is sent before this message is done, until it is
  /// written to the socket.
  void count_answer(const caf::node_id& client, uint64_t bytes);

  void on_handed_over(const answer_handed_over& x);

  caf::result<void> on_flush();

  /// Answers those who wait for clients to read, if the clients have read
  /// everything, or after a timeout.
  void check_flushed();

  /// Delivers the ticket of a finished request, and answers those who wanted it
  /// cancelled.
  void settle(uint64_t number, client_request& one);

  /// Sends a result to its requester, and remembers it if it has an id.
  void respond(requester& who, remembered_answer result);

  /// Tells a requester that nothing was done.
  void respond_refused(requester& who, const caf::error& why);

  /// Sends the result of a request that was done before.
  void respond_again(cafx::reply_slot slot, const remembered_answer& result);

  /// Sends a result to those who have repeated a request.
  /// @param bytes that the result carries.
  void respond_to_repetitions(std::vector<repetition> repeated,
                              const caf::message& content, uint64_t bytes);

  // -- writers (gateway_writers.cpp) ------------------------------------------

  caf::result<writer_actor> on_write(const write_job& job, const origin& from);

  /// Spawns a writer that was admitted.
  writer_actor spawn_writer(write_job job, volume_path where,
                            const served_volume& volume, const origin& from);

  /// Adds a writer, and removes it when it ends.
  void watch(client_writer what, bool open_ended);

  /// Returns a writer if it is one of the client's: nobody learns of the
  /// writers of others. Else null.
  const client_writer* writer_of(caf::actor_id writer,
                                 const caf::node_id& client) const;

  /// Returns the job if its predecessor is a writer of the same client, or is
  /// on another node. Else `errc::chain_broken`, or the job without its
  /// predecessor, as the job says.
  attempt<write_job> with_own_predecessor(write_job job,
                                          const caf::node_id& client) const;

  caf::result<writer_status> on_recall(const recall_writer& x);

  // -- other messages (gateway_control.cpp) -----------------------------------

  caf::result<operation_progress> on_get_progress(ticket which);

  caf::result<bool> on_cancel(ticket which);

  /// Asks the queue of a volume to cancel an operation or oplist.
  void cancel_at(const served_volume& volume, ticket which,
                 cafx::typed_response_promise<bool> res);

  caf::result<welcome> on_join(const join& x);

  /// Applies limits, also to the writers that run.
  void on_apply(const node_limits& x);

  caf::result<queue_status> on_status();

  caf::result<profile_list> on_get_profiles();

  /// Reports it if the queue of a volume ends before the node does.
  void watch_volumes();

  /// Returns the node that sent the current message.
  caf::node_id sender_node() const;

  /// Returns who sent the current message, in the lane of the sending actor.
  origin sender() const;

  /// Likewise, in a lane that the client has numbered. Numbers that are equal
  /// modulo `max_client_lanes` share a lane.
  origin sender(lane_number lane) const;

  /// Returns an error with the failure, and reports it.
  caf::error refused(failure why);

  std::chrono::steady_clock::time_point now() const;

  // -- member variables -------------------------------------------------------

  cafx::self_ptr<gateway_actor> self_;
  volume_list volumes_;
  client_admission admission_;
  client_sessions sessions_;
  client_requests requests_;
  client_writers writers_;
  late_refusals<requester> late_refusals_;
  event_reporter reporter_;
  /// Whether requests are refused, because the node is about to end.
  bool closed_ = false;
  /// Whether the gateway was told to end.
  bool ended_ = false;
  /// Wait until clients have read their answers, or the deadline has passed.
  std::vector<cafx::typed_response_promise<void>> flushes_;
  std::chrono::steady_clock::time_point flush_deadline_;
};

/// Returns the failure of a request to a queue that has ended.
failure queue_gone_failure(std::string operation = {});

/// Returns an error of a queue; that it is gone if the error is one of CAF,
/// which says so.
caf::error or_queue_gone(caf::error why, std::string operation);

} // namespace spindle
