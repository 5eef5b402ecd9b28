// Which step of a stream a writer sends next.
#pragma once

#include "spindle/export.hpp"
#include "spindle/message/internal/queue.hpp"
#include "spindle/writer/chunk_queue.hpp"
#include "spindle/writer/pacer.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

namespace spindle {

/// A step that is to be sent to the queue.
struct planned_step {
  step_kind kind = step_kind::write;
  /// Bytes of the stream before the chunk.
  uint64_t offset = 0;
  buffer chunk{};
  /// Identifies the chunk in `step_planner::on_result`; 0 without a chunk.
  uint64_t number = 0;
};

/// Plans the steps of one stream: cuts the data into chunks, hands them over at
/// the pace of a profile, and sends again what a full pipe did not take. Has no
/// clock and sends nothing; times must not decrease from call to call.
class SPINDLE_EXPORT step_planner {
public:
  using time_point = pacer::time_point;

  /// How long to wait before a pipe that took only a part of a chunk is tried
  /// again; doubles up to the longest as long as it takes nothing.
  static constexpr auto shortest_backoff = std::chrono::milliseconds{1};
  static constexpr auto longest_backoff = std::chrono::milliseconds{50};

  /// What to do at some time.
  struct plan {
    /// Steps to send now, in this order.
    std::vector<planned_step> steps;
    /// When to ask again if nothing happens before.
    std::optional<time_point> wake_up{};
  };

  explicit step_planner(write_data data);

  // -- data -------------------------------------------------------------------

  /// Adds data at the end.
  /// @returns whether there was nothing to send before, so that it is time to
  ///          ask for the next steps.
  bool add(buffer block, time_point now);

  /// No more data will be added.
  void close_input();

  // -- control ----------------------------------------------------------------

  /// Blocks are cut into chunks from now on, even if the data forbids it.
  void cut_blocks() {
    waiting_.cut();
  }

  /// Chunks handed over from now on follow this profile.
  /// @param how must be free of defects.
  void set_profile(const profile& how, time_point now);

  /// See `pacer::limit_share`. Has no effect before the first profile.
  void limit_share(double share) {
    if (pacer_)
      pacer_->limit_share(share);
  }

  /// The first chunk may be handed over. Needs a profile.
  void begin(time_point now);

  /// No new chunk is handed over until `resume`; those in flight are finished.
  void pause();

  void resume(time_point now);

  /// No step is sent any more but `abandon`.
  void stop();

  // -- steps ------------------------------------------------------------------

  /// Returns the steps that are due, and counts them as sent.
  plan next(time_point now);

  /// Returns the step that cleans up, and counts it as sent; nothing if it was
  /// returned before.
  std::optional<planned_step> abandon();

  /// A step that was sent did not fail.
  /// @param written bytes of its chunk that were written.
  /// @returns whether the stream is finished now.
  bool on_result(step_kind kind, uint64_t number, uint64_t written,
                 time_point now);

  /// A step that was sent failed.
  void on_failure();

  /// The number of bytes written as the stream counts them. The result of a
  /// step may be lost with its disk actor.
  void correct_written(uint64_t bytes);

  // -- properties -------------------------------------------------------------

  /// Returns whether each step that was sent has its result.
  bool idle() const {
    return steps_sent_ == 0;
  }

  bool paused() const {
    return paused_;
  }

  /// Returns the pacer; nothing before the first profile.
  const std::optional<pacer>& pace() const {
    return pacer_;
  }

  /// Returns the number of bytes that were written.
  uint64_t written() const {
    return written_;
  }

  /// Returns the number of bytes that were added and not written.
  uint64_t remaining() const {
    return added_ - written_;
  }

  /// Returns the number of blocks of data that were not handed over as a whole.
  size_t waiting_blocks() const {
    return waiting_.blocks();
  }

  /// Returns the number of chunks that were written.
  uint64_t chunks() const {
    return chunks_;
  }

  /// Returns when the first chunk was handed over.
  std::optional<time_point> started() const {
    return started_;
  }

private:
  /// A chunk that was handed over and is not written as a whole.
  struct in_flight_chunk {
    /// The results of two disk actors may overtake each other.
    uint64_t number = 0;
    /// What is not written yet.
    buffer rest;
    /// Size of the whole chunk.
    uint64_t size = 0;
    /// Whether a step with it has no result yet.
    bool sent = false;
  };

  /// Hands over chunks as long as the pacer allows it.
  void hand_over(plan& to, time_point now);

  /// Sends chunks again of which only a part was written.
  void resend(plan& to, time_point now);

  /// Sends the chunk at `index` of those in flight.
  void send_chunk(plan& to, size_t index);

  void send(plan& to, planned_step step);

  /// Returns whether no chunk will follow those in flight.
  bool all_handed_over() const {
    return input_closed_ && waiting_.empty();
  }

  /// Notes how much of a chunk was written.
  /// @returns whether all of it was.
  bool on_chunk_written(uint64_t number, uint64_t written, time_point now);

  chunk_queue waiting_;
  std::optional<pacer> pacer_;
  /// Whether steps may be sent: from `begin` until the stream is finished, or
  /// `stop`.
  bool active_ = false;
  bool paused_ = false;
  bool input_closed_ = false;

  std::deque<in_flight_chunk> in_flight_;
  uint64_t last_number_ = 0;
  size_t steps_sent_ = 0;
  /// Whether the step that finishes the stream was sent.
  bool finishing_ = false;
  /// Whether the step that cleans up was sent.
  bool abandoned_ = false;
  std::chrono::nanoseconds backoff_{};
  time_point retry_at_{};

  uint64_t added_;
  uint64_t written_ = 0;
  uint64_t chunks_ = 0;
  std::optional<time_point> started_;
};

} // namespace spindle
