// Writes one stream in chunks, in the background.
#pragma once

#include "spindle/export.hpp"
#include "spindle/fs/stream.hpp"
#include "spindle/message/internal/queue.hpp"
#include "spindle/writer/step_planner.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace spindle {

/// A background writer: waits for its lane and its predecessor, sends the steps
/// that a `step_planner` plans to the supervisor, and takes requests meanwhile.
/// Never blocks; a pause is a delayed message.
class SPINDLE_EXPORT writer_state {
public:
  static constexpr const char* name = "spindle.writer";

  // -- constructors, destructors, and assignment operators --------------------

  writer_state(cafx::self_ptr<writer_internal_actor> self,
               supervisor_internal_actor supervisor, write_job job,
               writer_terms terms);

  writer_state(const writer_state&) = delete;

  writer_state& operator=(const writer_state&) = delete;

  /// Abandons the stream if the writer was killed.
  ~writer_state();

  writer_internal_actor::behavior_type make_behavior();

private:
  // -- nested types -----------------------------------------------------------

  using time_point = pacer::time_point;

  enum class phase : uint8_t {
    /// Waiting for the supervisor, for the lane, for the predecessor or for
    /// `chain_wait`.
    waiting,
    /// Writing, or waiting for data.
    writing,
    /// Finished, failed or cancelled, but steps have no result yet.
    ending,
    /// The supervisor knows how it ended, and the actor is about to go down.
    ended,
  };

  /// Most blocks of data that are buffered, because small ones take more memory
  /// than they have bytes.
  static constexpr size_t max_blocks = 10'000;

  /// Least time between two messages to one subscriber.
  static constexpr caf::timespan shortest_interval
    = std::chrono::milliseconds{10};

  struct subscriber {
    subscribe_progress how;
    /// When it got its last message, if any.
    std::optional<time_point> notified{};
  };

  /// An `append_data` request for which there was no room yet.
  struct pending_append {
    buffer data;
    cafx::typed_response_promise<uint64_t> response;
  };

  // -- messages ---------------------------------------------------------------

  /// Returns the handlers of what clients may send, as a tuple.
  auto client_handlers();

  /// Returns the handlers of what only actors of this process send.
  auto queue_handlers();

  // -- the beginning ----------------------------------------------------------

  /// Requests a profile from the supervisor, and learns whether that has
  /// accepted the writer.
  void enlist_itself();

  /// Returns what registers the writer and requests a profile.
  enlist enlistment(const profile_choice& choice) const;

  void on_enlisted(const enlisted& x);

  /// Waits for the predecessor, if any, or begins, as soon as the writer is
  /// registered and its lane is reached.
  void on_ready();

  /// Makes the stream of the job, which touches nothing yet.
  std::shared_ptr<fs::stream> make_stream(fs::vfs_ptr disk) const;

  /// Returns why the job cannot be done, if so.
  std::optional<failure> defect() const;

  // -- the chain --------------------------------------------------------------

  void wait_for_predecessor();

  void on_predecessor_down(const caf::error& reason);

  /// Requests from the supervisor how the predecessor ended.
  /// @param reason is why it went down, if known.
  void recall_predecessor(const caf::error& reason);

  /// Begins after `chain_wait`.
  void on_chain_free();

  /// Fails, unless `chain_on_error` is `proceed`.
  /// @param before says why the predecessor failed.
  void on_chain_broken(const failure& before);

  // -- writing ----------------------------------------------------------------

  void begin();

  /// Sends the steps that are due, and schedules those that are not.
  void schedule();

  void send(planned_step step);

  /// Returns the lane of the steps, and the weight of its client.
  in_lane lane() const;

  void on_step(step_kind kind, uint64_t number, const step_result& x);

  void on_step_failed(failure why);

  /// Sends `wake_up` to itself at that time. Replaces an earlier one.
  void schedule_wake_up(time_point when);

  // -- control ----------------------------------------------------------------

  void resume();

  caf::result<void> on_set_profile(const profile_choice& choice);

  /// Hands over the next chunks by these values.
  void follow(const profile& x);

  void on_terms_changed(const terms_changed& x);

  /// Uses what the terms allow of a profile.
  void use(profile x);

  // -- data -------------------------------------------------------------------

  caf::result<uint64_t> on_append(const append_data& x);

  /// Returns how many more bytes the writer accepts.
  uint64_t room() const;

  /// Accepts pending data as long as there is room.
  void admit_appends();

  /// Accepts no more data than what is pending.
  void close_input();

  // -- the end ----------------------------------------------------------------

  /// Ends the writer with an error as soon as all steps have their results.
  void stop(failure why);

  /// Ends the writer if it is `ending` and all steps have their results;
  /// abandons the stream first if there is an error.
  void end_if_idle();

  void end();

  // -- status -----------------------------------------------------------------

  /// Returns the failure of this writer that the supervisor has answered.
  failure refusal(const caf::error& why) const;

  /// Returns a failure of this writer.
  failure make_failure(errc code, std::string detail) const;

  /// Adds how many bytes are in the target. All steps must have their results.
  void add_extent(failure& why);

  writer_status status() const;

  caf::result<writer_status> on_await();

  caf::result<void> on_subscribe(subscribe_progress x);

  /// Sends the status to the subscribers whose interval is over, or to all.
  void publish(bool all);

  /// Returns the time since the writer was spawned.
  caf::timespan age() const;

  time_point now() const;

  // -- member variables -------------------------------------------------------

  cafx::self_ptr<writer_internal_actor> self_;
  supervisor_internal_actor supervisor_;
  write_job job_;
  writer_terms terms_;
  time_point spawned_;
  phase phase_ = phase::waiting;
  /// Whether the operations of `writer_terms::after`, if any, are done.
  bool lane_reached_;
  /// What the supervisor has answered last.
  std::optional<profile> profile_;
  step_planner steps_;
  /// Kept until the end, so that its descriptor is closed only once.
  std::shared_ptr<fs::stream> stream_;
  uint64_t wake_ups_ = 0;

  uint64_t max_buffered_ = settings{}.max_buffered_bytes;
  std::deque<pending_append> appends_;
  /// Bytes of `appends_`.
  uint64_t appends_bytes_ = 0;

  std::optional<caf::timespan> finished_after_;
  std::optional<failure> error_;

  std::vector<cafx::typed_response_promise<writer_status>> awaiting_;
  std::vector<subscriber> subscribers_;
};

/// Spawns a writer for `job` that sends its steps to `supervisor`.
SPINDLE_EXPORT writer_internal_actor spawn_writer(
  caf::actor_system& sys, const supervisor_internal_actor& supervisor,
  write_job job, writer_terms terms = {});

} // namespace spindle
