// When a writer may hand over its next chunk.
#pragma once

#include "spindle/export.hpp"
#include "spindle/message/profile.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>

namespace spindle {

/// What a writer did in a period of time.
struct pace {
  /// Time in which at least one chunk was in flight.
  std::chrono::nanoseconds busy{};
  /// Duration of the period, less the time in which there was nothing to do.
  std::chrono::nanoseconds elapsed{};
  /// Bytes written.
  uint64_t bytes = 0;

  /// Returns the busy time in percent of the elapsed time; 0 if none elapsed.
  double duty_pct() const;

  /// Returns the bytes per second of elapsed time; 0 if none elapsed.
  double rate_bytes_per_s() const;

  bool operator==(const pace&) const = default;
};

/// Computes from a profile, and from what the writer did so far, when the next
/// chunk may be handed over. Has no clock; times must not decrease from call to
/// call. docs/pacing.md states the rules and proves what they promise.
class SPINDLE_EXPORT pacer {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// Most delay of a chunk after its deadline that later pauses make up for.
  static constexpr auto tolerance = std::chrono::milliseconds{25};

  /// Size limit of chunks under `max_rate`: the bytes that this rate allows in
  /// this time.
  static constexpr auto chunk_span = std::chrono::milliseconds{5};

  /// A latency goal leaves a writer this part of the time at least.
  static constexpr double least_duty = 0.01;

  /// Upper bound of `profile::rate_smoothing`.
  static constexpr size_t max_smoothing = 256;

  // -- constructors, destructors, and assignment operators --------------------

  /// @param how must be free of defects.
  pacer(profile how, time_point now);

  // -- events -----------------------------------------------------------------

  /// There is something to write from now on: data has come after there was
  /// none, or the user has resumed the writer. Not to be called when a timer
  /// expires.
  void on_ready(time_point now);

  /// The next chunk was sent to the disk.
  void on_handed_over(time_point now, uint64_t bytes);

  /// The oldest chunk in flight is written.
  void on_written(time_point now, uint64_t bytes);

  /// Chunks that are written from now on are followed by pauses as if the duty
  /// of the profile was only this share of itself, but at least `least_duty`.
  /// Has no effect if the profile has no latency goal.
  /// @param share greater than 0, at most 1.
  void limit_share(double share);

  /// The next chunks follow another profile.
  /// @param how must be free of defects.
  void set_profile(profile how, time_point now);

  // -- queries ----------------------------------------------------------------

  /// Returns the profile in use.
  const profile& current() const {
    return profile_;
  }

  /// Returns when to hand over the next chunk, possibly a time in the past;
  /// nothing if a chunk in flight must be written first.
  std::optional<time_point> next_start() const;

  /// Returns the duty that the latency goal leaves the writer at present, from
  /// `least_duty` to 1; nothing if it is that of the profile.
  std::optional<double> duty_limit() const;

  /// Returns how many bytes the next chunk may have, at most `wanted`.
  uint64_t chunk_size(uint64_t wanted) const;

  /// Returns the pace since the first chunk.
  pace overall(time_point now) const;

  /// Returns the pace of the last whole cycles of chunk and pause, up to
  /// `rate_smoothing`; that since the first chunk while there is none.
  pace recent(time_point now) const;

private:
  // -- the rules --------------------------------------------------------------

  /// Returns how much pause follows each unit of busy time.
  double pause_factor() const;

  /// Returns the same without the limit of the latency goal.
  double unlimited_factor() const;

  /// Returns over how many chunks times are averaged.
  size_t smoothing() const;

  /// Returns the mean busy time of the last chunks, in nanoseconds.
  double mean_busy() const;

  /// Computes the pause after the chunk that was written at `last_end_`.
  void plan_pause();

  /// Returns the later of the deadlines of percentage and rate.
  time_point deadline() const;

  /// Returns the deadline of the rate alone, or `none` without a limit.
  time_point rate_deadline(time_point none) const;

  /// Counts the bytes of the rate from `anchor` on.
  void restart_rate(time_point anchor);

  // -- member variables -------------------------------------------------------

  profile profile_;
  /// What `limit_share` has set.
  double share_ = 1;

  // State of the percentage; `double` is nanoseconds with fractions.
  /// Pause that is still to be made.
  double owed_ = 0;
  /// The part of it that ends at `pause_end_`.
  double pause_ = 0;
  time_point pause_end_;
  time_point last_end_;
  std::chrono::nanoseconds last_busy_{};
  /// `overall` at the starts of the last chunks under this profile; one more
  /// than `smoothing()`.
  std::deque<pace> marks_;

  // State of the rate: bytes handed over since `rate_anchor_`.
  time_point rate_anchor_;
  uint64_t rate_bytes_ = 0;

  // Measurements.
  /// When the first chunk was handed over.
  std::optional<time_point> began_;
  std::chrono::nanoseconds idle_{};
  std::chrono::nanoseconds busy_{};
  uint64_t written_ = 0;

  size_t in_flight_ = 0;
  /// Since when the oldest chunk in flight counts as busy time.
  time_point busy_since_;
};

} // namespace spindle
