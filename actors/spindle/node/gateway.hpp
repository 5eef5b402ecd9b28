// The actor that a node shows to others: takes what they send, and has the
// queues of the volumes do it.
//
// It is no guard: nodes that are connected can address any actor. What confines
// clients is the file system of each volume (fs/rooted_vfs.hpp). The gateway
// translates paths, does each request once, and keeps clients from using up the
// node.
#pragma once

#include "spindle/export.hpp"
#include "spindle/message/internal/node.hpp"
#include "spindle/node/client_sessions.hpp"
#include "spindle/node/event_limiter.hpp"
#include "spindle/node/outgoing_answers.hpp"
#include "spindle/node/volume_path.hpp"
#include "spindle/serve.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <tl/expected.hpp>

namespace spindle {

/// The gateway of a node. Never blocks.
class SPINDLE_EXPORT gateway_state {
public:
  static constexpr const char* name = "spindle.gateway";

  // -- constructors, destructors, and assignment operators --------------------

  /// @param volumes must have names that are volume names, and differ.
  /// @param unsent what connections hold for clients that do not read, if that
  ///               is to be counted.
  gateway_state(cafx::self_ptr<gateway_actor> self,
                std::vector<served_volume> volumes, node_limits limits,
                node_observer observer,
                std::shared_ptr<const cafx::unsent_bytes> unsent = nullptr);

  gateway_state(const gateway_state&) = delete;

  gateway_state& operator=(const gateway_state&) = delete;

  /// Tells the observer unless the gateway was to end.
  ~gateway_state();

  gateway_actor::behavior_type make_behavior();

private:
  // -- nested types -----------------------------------------------------------

  /// Answers a request with an output, or an error.
  struct plain {
    cafx::reply_slot slot;
  };

  /// Answers a request that has an id.
  struct identified {
    cafx::reply_slot slot;
    request_id id;
  };

  /// Answers at once with a ticket, and later tells a callback.
  struct submitted {
    cafx::typed_response_promise<ticket> promise;
    std::variant<callback, list_callback> who;
  };

  /// Who is told what became of a request.
  using asker = std::variant<plain, identified, submitted>;

  /// Who sent a request.
  struct origin {
    caf::node_id client;
    lane_id lane;
  };

  /// A request that is under way.
  struct request {
    asker who;
    size_t volume = 0;
    caf::node_id client;
    size_t ops = 0;
    uint64_t bytes = 0;
    /// Who are told of the operations of a list.
    std::vector<callback> callbacks{};
    /// Known when the queue has admitted it.
    std::optional<ticket> admitted{};
    /// Those who want it cancelled, until that is known.
    std::vector<cafx::typed_response_promise<bool>> cancelling{};
  };

  /// A request that was beyond a limit, and who is told so when.
  struct late_refusal {
    std::chrono::steady_clock::time_point when;
    asker who;
    caf::error why;
  };

  struct known_writer {
    size_t volume = 0;
    caf::node_id client;
    /// What it was given to write.
    uint64_t bytes = 0;
  };

  // -- requests ---------------------------------------------------------------

  /// Hands an operation or oplist to the queue of its volume.
  /// @returns why not, if it cannot be done; `who` is told otherwise.
  template <class Work>
  std::optional<failure> start(Work what, asker who, const origin& from);

  /// Lets a queue do it, and the gateway know.
  template <class Work>
  void hand_over(uint64_t number, Work what, const front_actor& to,
                 const lane_id& lane);

  template <class Result, class Work>
  Result on_request(Work what);

  template <class Work, class Callback>
  caf::result<ticket> on_submission(Work what, Callback who,
                                    const origin& from);

  template <class Result, class Work>
  Result on_identified(request_id id, Work what, const origin& from);

  /// Answers a request that is repeated while it is being done, or later.
  template <class Result, class Work>
  Result on_repetition(request_id id, const Work& what,
                       client_sessions::memory& from, bool is_done);

  /// Admits a request of a client.
  /// @returns why it is refused, if it is.
  std::optional<failure> admit(const caf::node_id& client, size_t ops,
                               uint64_t bytes);

  /// Returns why the node has no room for that many bytes, if it has none.
  std::optional<failure> node_excess(uint64_t bytes) const;

  /// Tells whoever asked for more than it may, after a pause: who asks again at
  /// once must not keep the node from others.
  void refuse_late(asker who, caf::error why);

  /// Tells those whose time has come, or all if the gateway is closed.
  void on_refusals_due();

  caf::result<void> on_flush();

  /// Answers those who wait for clients to read what they were told, if these
  /// have, or have had enough time.
  void answer_flush();

  /// A queue has admitted a request.
  void on_admitted(uint64_t number, ticket id);

  /// A queue has refused a request, or is gone.
  void on_refused(uint64_t number, const caf::error& why);

  // -- answers ----------------------------------------------------------------

  /// Takes a request out of the books.
  std::optional<request> take(uint64_t number);

  void on_op_done(uint64_t number, outcome result);

  void on_list_done(uint64_t number, oplist_report result);

  /// Replaces an output by a failure if its client has not read enough of those
  /// before, and counts it otherwise. Only what reads has large outputs, so
  /// nothing was done then.
  /// @param copies how often it is going to be sent.
  void fit(const caf::node_id& client, outcome& x, size_t copies);

  void fit(const caf::node_id& client, oplist_report& x, size_t copies);

  /// Returns why a client cannot get so large an answer, if it cannot.
  std::optional<failure> answer_excess(const caf::node_id& client,
                                       uint64_t bytes) const;

  /// Counts an answer that is sent before this message is done, until it is
  /// written to the socket.
  void count_answer(const caf::node_id& client, uint64_t bytes);

  void on_handed_over(const answer_handed_over& x);

  /// Tells those who wait for something else than the result of a request.
  void tell_beside(uint64_t number, request& one);

  /// Tells whoever asked, and remembers what has an id.
  void tell(asker& who, remembered_answer result);

  /// Tells whoever asked that nothing was done.
  void tell_refused(asker& who, const caf::error& why);

  /// Answers a request that was done before.
  void tell(cafx::reply_slot slot, const remembered_answer& result);

  /// Answers those who repeated a request.
  /// @param bytes what the answer carries.
  void tell(std::vector<repetition> repeated, const caf::message& content,
            uint64_t bytes);
  // -- progress ---------------------------------------------------------------

  caf::result<operation_progress> on_get_progress(ticket which);

  // -- cancelling -------------------------------------------------------------

  caf::result<bool> on_cancel(ticket which);

  void cancel_at(const served_volume& volume, ticket which,
                 cafx::typed_response_promise<bool> res);

  // -- clients ----------------------------------------------------------------

  caf::result<welcome> on_join(const join& x);

  /// Returns the node that sent the message which is being processed.
  caf::node_id sender_node() const;

  /// Returns who sent the message which is being processed, in a lane of the
  /// sending actor.
  origin sender() const;

  /// Likewise, in a lane that the client has numbered.
  origin sender(lane_number lane) const;

  /// Returns the account of a client.
  client_account& account_of(const caf::node_id& client);

  /// Returns the volume of that name.
  tl::expected<size_t, failure> find_volume(const std::string& name) const;

  // -- writers ----------------------------------------------------------------

  caf::result<writer_actor> on_write(const write_job& job, const origin& from);

  /// Starts a writer for a client, which must have been admitted.
  writer_actor spawn_writer(write_job job, volume_path where,
                            const served_volume& volume, const origin& from);

  /// Admits a writer of the sender of this message.
  /// @returns why it is refused, if it is.
  std::optional<failure> admit_writer(uint64_t bytes);

  /// Remembers a writer, and what ends with it.
  void watch(const writer_actor& writer, known_writer what, bool open_ended);

  /// Cancels the writers that nobody gives data to any more.
  void abandon(const caf::actor_addr& giver);

  caf::result<writer_status> on_recall(const recall_writer& x);

  // -- others -----------------------------------------------------------------

  caf::result<queue_status> on_status();

  caf::result<profile_list> on_get_profiles();

  /// Lets other limits hold, but for those that the node listens by.
  void on_limits(const node_limits& x);

  /// Tells the observer if the queue of a volume ends before the node does.
  void watch_volumes();

  /// Returns an error that says why, and tells the observer.
  caf::error refused(failure why);

  void observe_refusal(const caf::node_id& client, const failure& why);

  /// Tells the observer of something that a client caused, unless there was too
  /// much of it of late.
  void observe(std::string event,
               std::vector<std::pair<std::string, std::string>> details);

  void observe_death(const std::string& what, const caf::error& why) const;

  // -- member variables -------------------------------------------------------

  cafx::self_ptr<gateway_actor> self_;
  std::vector<served_volume> volumes_;
  node_limits limits_;
  node_observer observer_;
  event_limiter events_;
  bool closed_ = false;
  /// Whether the gateway was told to end.
  bool ended_ = false;

  /// Numbers requests, and the lanes of writers.
  uint64_t last_number_ = 0;
  std::map<uint64_t, request> requests_;
  std::deque<late_refusal> late_refusals_;
  client_sessions clients_;
  outgoing_answers answers_;
  /// Who waits until clients have read what they were told, and until when.
  std::vector<cafx::typed_response_promise<void>> waiting_for_flush_;
  std::chrono::steady_clock::time_point flush_deadline_;
  /// Bytes that requests under way and writers carry.
  uint64_t held_bytes_ = 0;

  /// Writers that are alive, or were of late.
  std::map<caf::actor_id, known_writer> writers_;
  /// Open-ended writers that are alive, by who gives them data.
  std::map<caf::actor_addr, std::map<caf::actor_id, writer_actor>> given_;
  /// Those that have ended, in the order of their ends.
  std::deque<caf::actor_id> ended_writers_;
};

} // namespace spindle
