#include "spindle/writer/pacer.hpp"

#include "spindle/queue/invariant.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace spindle {

namespace {

using std::chrono::nanoseconds;

constexpr double ns_per_s = 1e9;

/// Longest pause: a longer one could overflow the clock.
constexpr double longest_ns = 100 * 365.25 * 24 * 3600 * ns_per_s;

/// Keeps products with a tiny percentage finite.
constexpr double largest_factor = 1e15;

/// Rounds up, lest fractions of pauses add up to a pause that is not made.
nanoseconds to_ns(double x) {
  auto ns = std::ceil(std::clamp(x, 0.0, longest_ns));
  return nanoseconds{static_cast<int64_t>(ns)};
}

double ns_of(nanoseconds x) {
  return static_cast<double>(x.count());
}

double ns_for(double bytes, uint64_t bytes_per_s) {
  return bytes * ns_per_s / static_cast<double>(bytes_per_s);
}

/// Returns 0 if `now` is before `start`.
nanoseconds since(pacer::time_point start, pacer::time_point now) {
  return std::max(nanoseconds{0}, nanoseconds{now - start});
}

pace difference(const pace& a, const pace& b) {
  return {a.busy - b.busy, a.elapsed - b.elapsed, a.bytes - b.bytes};
}

} // namespace

// -- measurements -------------------------------------------------------------

double pace::duty_pct() const {
  return elapsed.count() > 0 ? 100 * ns_of(busy) / ns_of(elapsed) : 0;
}

double pace::rate_bytes_per_s() const {
  return elapsed.count() > 0
         ? static_cast<double>(bytes) * ns_per_s / ns_of(elapsed)
         : 0;
}

pace pacer::overall(time_point now) const {
  if (!began_)
    return {};
  if (in_flight_ > 0)
    return {busy_ + since(busy_since_, now), since(*began_, now) - idle_,
            written_};
  // The time after the deadline may be idle time; `on_ready` decides.
  return {busy_, since(*began_, std::min(now, deadline())) - idle_, written_};
}

pace pacer::recent(time_point now) const {
  return marks_.size() < 2 ? overall(now)
                           : difference(marks_.back(), marks_.front());
}

// -- constructors, destructors, and assignment operators ----------------------

pacer::pacer(profile how, time_point now)
    : profile_(std::move(how)),
      pause_end_(now),
      last_end_(now),
      rate_anchor_(now),
      busy_since_(now) {}

// -- events -------------------------------------------------------------------

void pacer::on_ready(time_point now) {
  if (began_ && in_flight_ == 0)
    idle_ += since(deadline(), now);
  if (rate_deadline(now) < now)
    restart_rate(now);
  pause_end_ = std::max(pause_end_, now);
}

void pacer::on_handed_over(time_point now, uint64_t bytes) {
  if (!began_) {
    began_ = now;
    pause_end_ = now;
  }
  // A longer delay is a stall, which must not be followed by a burst.
  auto late = now - deadline();
  auto made_up_for = late > tolerance ? nanoseconds{0} : nanoseconds{late};
  owed_ = std::max(owed_ - pause_ - ns_of(made_up_for),
                   -ns_of(nanoseconds{tolerance}));
  pause_ = 0;
  if (rate_bytes_ == 0 || now - rate_deadline(now) > tolerance)
    restart_rate(now);
  rate_bytes_ += bytes;
  if (in_flight_++ == 0)
    busy_since_ = now;
  marks_.push_back(overall(now));
  if (marks_.size() > smoothing() + 1)
    marks_.pop_front();
}

void pacer::on_written(time_point now, uint64_t bytes) {
  invariant(in_flight_ > 0, "a chunk was written that was not handed over");
  --in_flight_;
  last_end_ = now;
  last_busy_ = since(busy_since_, now);
  busy_since_ = now;
  busy_ += last_busy_;
  written_ += bytes;
  plan_pause();
}

void pacer::limit_share(double share) {
  share_ = share;
}

void pacer::set_profile(profile how, time_point now) {
  if (how == profile_)
    return;
  // Whatever was late or idle until now belongs to the previous profile.
  on_ready(now);
  auto rate_wait = since(now, rate_deadline(now));
  if (how.max_rate && profile_.max_rate)
    rate_wait
      = std::min(rate_wait, to_ns(ns_of(rate_wait)
                                  * static_cast<double>(*profile_.max_rate)
                                  / static_cast<double>(*how.max_rate)));
  profile_ = std::move(how);
  restart_rate(now + rate_wait);
  auto pause = to_ns(pause_factor() * ns_of(last_busy_));
  pause_end_ = std::max(now, std::min(pause_end_, last_end_ + pause));
  owed_ = 0;
  pause_ = 0;
  marks_.clear();
}

// -- queries ------------------------------------------------------------------

std::optional<pacer::time_point> pacer::next_start() const {
  // Without pauses, the next chunk can wait at the disk already.
  size_t most_in_flight = pause_factor() > 0 ? 1 : 2;
  if (in_flight_ >= most_in_flight)
    return std::nullopt;
  return deadline();
}

std::optional<double> pacer::duty_limit() const {
  auto duty = 1 / (1 + unlimited_factor());
  if (!profile_.latency_goal || share_ >= 1 || duty <= least_duty)
    return std::nullopt;
  return std::max(duty * share_, least_duty);
}

uint64_t pacer::chunk_size(uint64_t wanted) const {
  if (!profile_.max_rate)
    return wanted;
  constexpr auto per_s = std::chrono::seconds{1} / chunk_span;
  return std::min(wanted, std::max<uint64_t>(*profile_.max_rate / per_s, 1));
}

// -- the rules ----------------------------------------------------------------

double pacer::pause_factor() const {
  auto limit = duty_limit();
  return limit ? 1 / *limit - 1 : unlimited_factor();
}

double pacer::unlimited_factor() const {
  auto share = profile_.bandwidth_pct / 100;
  auto rest = 1 - share;
  return profile_.pacing == pacing::relative
         ? rest
         : std::min(rest / share, largest_factor);
}

size_t pacer::smoothing() const {
  return std::min<size_t>(profile_.rate_smoothing, max_smoothing);
}

double pacer::mean_busy() const {
  // A chunk of the previous profile has no mark.
  if (marks_.empty())
    return ns_of(last_busy_);
  auto count = std::min(marks_.size(), smoothing());
  const auto& first = marks_[marks_.size() - count];
  return ns_of(busy_ - first.busy) / static_cast<double>(count);
}

void pacer::plan_pause() {
  // Two chunks of the previous profile are followed by one pause.
  if (marks_.empty())
    owed_ = 0;
  auto even = pause_factor() * mean_busy();
  owed_ += profile_.pacing == pacing::relative
           ? even
           : pause_factor() * ns_of(last_busy_);
  // No pause is made in advance, and at most one is put off.
  auto pause = to_ns(std::min(owed_, std::max(even, owed_ - even)));
  pause_ = ns_of(pause);
  pause_end_ = last_end_ + pause;
}

pacer::time_point pacer::deadline() const {
  return std::max(pause_end_, rate_deadline(pause_end_));
}

pacer::time_point pacer::rate_deadline(time_point none) const {
  if (!profile_.max_rate)
    return none;
  auto wait = ns_for(static_cast<double>(rate_bytes_), *profile_.max_rate);
  return rate_anchor_ + to_ns(wait);
}

void pacer::restart_rate(time_point anchor) {
  rate_anchor_ = anchor;
  rate_bytes_ = 0;
}

} // namespace spindle
