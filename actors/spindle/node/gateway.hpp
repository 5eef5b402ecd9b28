// The actor that a node shows to others: takes what they send, and has the
// queues of the volumes do it.
//
// It is no guard: nodes that are connected can address any actor. What confines
// clients is the file system of each volume (fs/rooted_vfs.hpp). The gateway
// translates paths, does each request once, and keeps clients from using up the
// node.
#pragma once

#include "spindle/export.hpp"
#include "spindle/node/actors.hpp"
#include "spindle/node/request_memory.hpp"
#include "spindle/queue.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace spindle {

// -- what a node is made of ---------------------------------------------------

/// A directory that a node offers.
struct served_volume {
  served_volume(volume_info what, queue confined)
      : info(std::move(what)), disk(std::move(confined)) {}

  volume_info info;
  /// Its queue, whose file system is confined to the directory.
  queue disk;
};

/// Something that happened at a node and that its owner may want to know.
struct node_event {
  /// What happened, for instance "refused".
  std::string name;
  /// What else there is to say. Never what clients write or read.
  std::vector<std::pair<std::string, std::string>> details;
};

/// Takes events; called in the thread of the gateway, so it must not block.
using node_observer = std::function<void(const node_event&)>;

// -- the actor ----------------------------------------------------------------

/// The gateway of a node. Never blocks.
class SPINDLE_EXPORT gateway_state {
public:
  static constexpr const char* name = "spindle.gateway";

  // -- constructors, destructors, and assignment operators --------------------

  /// @param volumes must have names that are volume names, and differ.
  gateway_state(cafx::self_ptr<gateway_actor> self,
                std::vector<served_volume> volumes, node_limits limits,
                node_observer observer);

  gateway_state(const gateway_state&) = delete;

  gateway_state& operator=(const gateway_state&) = delete;

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

  struct known_client {
    request_memory<cafx::reply_slot> memory;
    uint64_t last_used = 0;
  };

  struct known_writer {
    size_t volume = 0;
    caf::node_id client;
  };

  // -- requests ---------------------------------------------------------------

  /// Hands an operation or oplist to the queue of its volume.
  /// @returns why not, if it cannot be done; `who` is told otherwise.
  template <class Work>
  std::optional<failure> start(Work what, asker who,
                               const caf::node_id& client);

  /// Lets a queue do it, and the gateway know.
  template <class Work>
  void hand_over(uint64_t number, Work what, const front_actor& to);

  template <class Result, class Work>
  Result on_request(Work what);

  template <class Work, class Callback>
  caf::result<ticket> on_submission(Work what, Callback who);

  template <class Result, class Work>
  Result on_identified(request_id id, Work what);

  /// Tells whoever asked for more than it may, after a pause: who asks again at
  /// once must not keep the node from others.
  void refuse_late(asker who, caf::error why);

  /// Tells those whose time has come, or all if the gateway is closed.
  void on_refusals_due();

  /// A queue has admitted a request.
  void on_admitted(uint64_t number, ticket id);

  /// A queue has refused a request, or is gone.
  void on_refused(uint64_t number, const caf::error& why);

  // -- answers ----------------------------------------------------------------

  /// Takes a request out of the books.
  std::optional<request> take(uint64_t number);

  void on_op_done(uint64_t number, outcome result);

  void on_list_done(uint64_t number, oplist_report result);

  /// Tells those who wait for something else than the result of a request.
  void tell_beside(uint64_t number, request& one);

  /// Tells whoever asked, and remembers what has an id.
  void tell(asker& who, remembered_answer result);

  /// Tells whoever asked that nothing was done.
  void tell_refused(asker& who, const caf::error& why);

  // -- progress ---------------------------------------------------------------

  caf::result<operation_progress> on_get_progress(ticket which);

  // -- cancelling -------------------------------------------------------------

  caf::result<bool> on_cancel(ticket which);

  void cancel_at(const served_volume& volume, ticket which,
                 cafx::typed_response_promise<bool> res);

  // -- clients ----------------------------------------------------------------

  caf::result<welcome> on_join(const join& x);

  /// Forgets those who were not heard of for the longest time.
  void forget_clients();

  /// Returns the node that sent the message which is being processed.
  caf::node_id sender_node() const;

  /// Returns the account of a client.
  client_account& account_of(const caf::node_id& client);

  /// Returns the volume of that name.
  tl::expected<size_t, failure> find_volume(const std::string& name) const;

  // -- writers ----------------------------------------------------------------

  caf::result<writer_actor> on_write(const write_job& job);

  /// Remembers a writer, and what ends with it.
  void watch(const writer_actor& writer, size_t volume, bool open_ended);

  /// Cancels the writers that nobody gives data to any more.
  void abandon(const caf::actor_addr& giver);

  caf::result<writer_status> on_recall(const recall_writer& x);

  // -- others -----------------------------------------------------------------

  caf::result<queue_status> on_status();

  /// Returns an error that says why, and tells the observer, but only once a
  /// second.
  caf::error refused(failure why);

  void observe(std::string event,
               std::vector<std::pair<std::string, std::string>> details) const;

  // -- member variables -------------------------------------------------------

  cafx::self_ptr<gateway_actor> self_;
  std::vector<served_volume> volumes_;
  node_limits limits_;
  node_observer observer_;
  bool closed_ = false;

  /// Until when refusals are only counted, and how many there were.
  std::chrono::steady_clock::time_point silent_until_{};
  uint64_t unobserved_ = 0;

  uint64_t last_number_ = 0;
  std::map<uint64_t, request> requests_;
  std::deque<late_refusal> late_refusals_;
  std::map<caf::node_id, client_account> accounts_;

  std::map<uint64_t, known_client> clients_;
  uint64_t uses_ = 0;
  std::random_device random_;

  /// Writers that are alive, or were of late.
  std::map<caf::actor_id, known_writer> writers_;
  /// Open-ended writers that are alive, by who gives them data.
  std::map<caf::actor_addr, std::map<caf::actor_id, writer_actor>> given_;
  /// Those that have ended, in the order of their ends.
  std::deque<caf::actor_id> ended_writers_;
};

} // namespace spindle
