// Writes one stream in chunks, in the background.
#pragma once

#include "spindle/export.hpp"
#include "spindle/fs/stream.hpp"
#include "spindle/message/internal/queue.hpp"
#include "spindle/writer/chunk_queue.hpp"
#include "spindle/writer/pacer.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace spindle {

/// A background writer. Never blocks: what touches the disk are steps that it
/// sends to the supervisor, and pauses are delayed messages.
class SPINDLE_EXPORT writer_state {
public:
  static constexpr const char* name = "spindle.writer";

  // -- constructors, destructors, and assignment operators --------------------

  writer_state(cafx::self_ptr<writer_internal_actor> self,
               supervisor_internal_actor supervisor, write_job job,
               writer_terms terms);

  writer_state(const writer_state&) = delete;

  writer_state& operator=(const writer_state&) = delete;

  /// Lets the disk clean up if the writer was killed.
  ~writer_state();

  writer_internal_actor::behavior_type make_behavior();

private:
  // -- nested types -----------------------------------------------------------

  using time_point = pacer::time_point;

  enum class phase : uint8_t {
    /// Not known to the supervisor yet, or waiting for the predecessor.
    waiting,
    /// Writing, or waiting for data.
    writing,
    /// All is written, or nothing more may be: waiting for the last answers.
    ending,
    /// Gone, but for the actor itself.
    ended,
  };

  /// A chunk that was handed over.
  struct flight {
    /// Tells chunks apart: answers of two disk actors may overtake each other.
    uint64_t number = 0;
    /// What is not written yet.
    buffer rest;
    uint64_t size = 0;
    /// Whether it is with the queue.
    bool sent = false;
  };

  /// Subscribers that a writer has at the most.
  static constexpr size_t max_subscribers = 100;

  /// Requests that wait for the end of a writer at the most.
  static constexpr size_t max_awaiting = 10'000;

  /// How often a subscriber hears of a writer at the most.
  static constexpr caf::timespan shortest_interval
    = std::chrono::milliseconds{10};

  struct subscriber {
    subscribe_progress how;
    /// When it was told last; never if empty.
    std::optional<time_point> told{};
  };

  struct waiting_append {
    buffer data;
    cafx::typed_response_promise<uint64_t> answer;
  };

  // -- the beginning ----------------------------------------------------------

  /// Asks the supervisor for a profile, and to be known to it.
  template <class Fun>
  void enlist_as(const profile_choice& choice, Fun on_enlisted);

  /// Knows what it needs of the queue.
  void on_enlisted(const enlisted& x);

  /// Waits until all that comes before in a lane is done.
  void wait_for_lane(const in_lane& where);

  /// Returns where the steps of the stream go.
  in_lane lane() const;

  void on_lane_reached();

  /// Makes the stream of the job, which touches nothing yet.
  std::shared_ptr<fs::stream> make_stream(fs::vfs_ptr disk) const;

  /// Returns what is wrong with the job.
  std::optional<failure> defect() const;

  /// Returns why the terms do not allow a profile, if that is so.
  std::optional<failure> excess(profile x) const;

  // -- the chain --------------------------------------------------------------

  void wait_for_predecessor();

  void on_predecessor_down(const caf::error& reason);

  /// Asks the queue how the predecessor ended, which went down for `reason`, if
  /// that is known.
  void ask_for_predecessor(const caf::error& reason);

  /// Goes on after the predecessor ended well, or must be thought to have.
  void on_chain_free();

  /// Ends, unless it is to write nevertheless.
  void on_chain_broken(const failure& before);

  // -- writing ----------------------------------------------------------------

  void begin();

  /// Does whatever is to be done now, and plans what is to be done later.
  void go_on();

  /// Hands over chunks as long as the pacer lets it.
  void hand_over();

  /// Sends chunks again of which only a part was written.
  void resend();

  /// Sends a step for the chunk at `index` of those under way.
  void send_chunk(size_t index);

  /// @param number of the chunk; 0 if there is none.
  void send_step(step_kind kind, uint64_t offset, buffer chunk,
                 uint64_t number = 0);

  void on_step(step_kind kind, uint64_t number, uint64_t written);

  /// Knows how much of a chunk was written.
  /// @returns whether all of it was.
  bool land(uint64_t number, uint64_t written);

  void on_step_failed(failure why);

  /// Is told so by `wake_up` at that time, unless something else is planned.
  void plan(time_point when);

  /// Returns whether no more data will come.
  bool closed() const {
    return !job_.open_ended;
  }

  // -- control ----------------------------------------------------------------

  void resume();

  caf::result<void> on_set_profile(const profile_choice& choice);

  /// Writes at the pace of a profile from the next chunk on.
  void follow(const profile& x);

  // -- data -------------------------------------------------------------------

  caf::result<uint64_t> on_append(const append_data& x);

  /// Returns how much more data it would take.
  uint64_t room() const;

  /// Takes the data that waits for room.
  void admit_appends();

  void close_input();

  // -- the end ----------------------------------------------------------------

  /// Stops with an error as soon as no chunk is under way.
  void stop(failure why);

  void end_if_landed();

  void end();

  // -- telling ----------------------------------------------------------------

  /// Returns a failure that says how far the writer got.
  failure make_failure(errc code, std::string detail) const;

  /// Adds how much of the data is where it should be. No step may be under way.
  void tell_how_far(failure& why);

  writer_status status() const;

  caf::result<writer_status> on_await();

  caf::result<void> on_subscribe(subscribe_progress x);

  /// Tells subscribers who have not heard for a while, or all of them.
  void publish(bool all);

  caf::timespan age() const;

  time_point now() const;

  // -- member variables -------------------------------------------------------

  cafx::self_ptr<writer_internal_actor> self_;
  supervisor_internal_actor supervisor_;
  write_job job_;
  writer_terms terms_;
  time_point spawned_;
  phase phase_ = phase::waiting;
  bool paused_ = false;

  chunk_queue waiting_;
  /// Bytes of all the data so far.
  uint64_t given_;
  uint64_t max_buffered_ = settings{}.max_buffered_bytes;
  std::deque<waiting_append> appends_;
  uint64_t appends_bytes_ = 0;

  /// Kept to the end, so that its descriptor is closed but once.
  std::shared_ptr<fs::stream> stream_;
  std::optional<pacer> pacer_;
  std::deque<flight> flights_;
  uint64_t handed_over_ = 0;
  size_t steps_sent_ = 0;
  /// Whether the step that ends the stream was sent.
  bool finishing_ = false;
  /// Whether the step that cleans up was sent.
  bool abandoned_ = false;
  /// How long to wait until a pipe that is full is tried again.
  caf::timespan backoff_{};
  time_point retry_at_{};
  uint64_t wake_ups_ = 0;

  uint64_t written_ = 0;
  uint64_t chunks_ = 0;
  std::optional<caf::timespan> started_after_;
  std::optional<caf::timespan> finished_after_;
  std::optional<failure> error_;

  std::vector<cafx::typed_response_promise<writer_status>> waiting_for_end_;
  std::vector<subscriber> subscribers_;
};

/// Spawns a writer for `job` that writes by way of `supervisor`.
SPINDLE_EXPORT writer_internal_actor spawn_writer(
  caf::actor_system& sys, const supervisor_internal_actor& supervisor,
  write_job job, writer_terms terms = {});

} // namespace spindle
