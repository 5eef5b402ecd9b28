#include "spindle/writer/step_planner.hpp"

#include "spindle/queue/invariant.hpp"

#include <algorithm>
#include <utility>

namespace spindle {

step_planner::step_planner(write_data data)
    : waiting_(std::move(data)), added_(waiting_.bytes()) {}

// -- data ---------------------------------------------------------------------

bool step_planner::add(buffer block, time_point now) {
  auto was_empty = waiting_.empty() && in_flight_.empty();
  added_ += block.size();
  waiting_.add(std::move(block));
  if (!active_ || !was_empty || waiting_.empty())
    return false;
  pacer_->on_ready(now);
  return true;
}

void step_planner::close_input() {
  input_closed_ = true;
}

// -- control ------------------------------------------------------------------

void step_planner::set_profile(const profile& how, time_point now) {
  if (pacer_)
    pacer_->set_profile(how, now);
  else
    pacer_.emplace(how, now);
}

void step_planner::begin(time_point now) {
  invariant(pacer_.has_value(), "a stream begins without a profile");
  active_ = true;
  pacer_->on_ready(now);
}

void step_planner::pause() {
  paused_ = true;
}

void step_planner::resume(time_point now) {
  if (std::exchange(paused_, false) && active_)
    pacer_->on_ready(now);
}

void step_planner::stop() {
  active_ = false;
}

// -- steps --------------------------------------------------------------------

step_planner::plan step_planner::next(time_point now) {
  plan res;
  if (!active_)
    return res;
  if (!in_flight_.empty() && !in_flight_.front().sent)
    resend(res, now);
  else
    hand_over(res, now);
  if (all_handed_over() && in_flight_.empty() && !finishing_)
    send(res, {.kind = step_kind::finish, .offset = written_});
  return res;
}

void step_planner::hand_over(plan& to, time_point now) {
  while (!paused_ && !waiting_.empty()) {
    auto start = pacer_->next_start();
    if (!start)
      return;
    if (*start > now) {
      to.wake_up = *start;
      return;
    }
    auto wanted = waiting_.next_size(pacer_->current().chunk_size);
    auto size = pacer_->chunk_size(wanted);
    auto chunk = waiting_.take(size);
    pacer_->on_handed_over(now, chunk.size());
    if (!started_)
      started_ = now;
    in_flight_.push_back({++last_number_, chunk, chunk.size()});
    send_chunk(to, in_flight_.size() - 1);
  }
}

void step_planner::resend(plan& to, time_point now) {
  if (now < retry_at_) {
    to.wake_up = retry_at_;
    return;
  }
  for (size_t i = 0; i < in_flight_.size(); ++i)
    if (!in_flight_[i].sent)
      send_chunk(to, i);
}

void step_planner::send_chunk(plan& to, size_t index) {
  auto offset = written_;
  for (size_t i = 0; i < index; ++i)
    offset += in_flight_[i].rest.size();
  auto& chunk = in_flight_[index];
  chunk.sent = true;
  auto last = all_handed_over() && index + 1 == in_flight_.size();
  send(to, {last ? step_kind::finish : step_kind::write, offset, chunk.rest,
            chunk.number});
}

void step_planner::send(plan& to, planned_step step) {
  ++steps_sent_;
  finishing_ = finishing_ || step.kind == step_kind::finish;
  to.steps.push_back(std::move(step));
}

std::optional<planned_step> step_planner::abandon() {
  if (std::exchange(abandoned_, true))
    return std::nullopt;
  ++steps_sent_;
  return planned_step{.kind = step_kind::abandon};
}

bool step_planner::on_result(step_kind kind, uint64_t number, uint64_t written,
                             time_point now) {
  invariant(steps_sent_ > 0, "a step has a result that was not sent");
  --steps_sent_;
  auto whole = number == 0 || on_chunk_written(number, written, now);
  if (kind != step_kind::finish)
    return false;
  finishing_ = whole;
  if (whole)
    active_ = false;
  return whole;
}

bool step_planner::on_chunk_written(uint64_t number, uint64_t written,
                                    time_point now) {
  auto chunk = std::find_if(
    in_flight_.begin(), in_flight_.end(),
    [number](const in_flight_chunk& x) { return x.number == number; });
  invariant(chunk != in_flight_.end(), "a chunk is written that is not sent");
  auto is_first = chunk == in_flight_.begin();
  written_ += written;
  chunk->rest = chunk->rest.slice(written, chunk->rest.size());
  chunk->sent = false;
  if (chunk->rest.empty()) {
    pacer_->on_written(now, chunk->size);
    ++chunks_;
    backoff_ = {};
    in_flight_.erase(chunk);
    return true;
  }
  // Those behind it are sent again together with it.
  if (is_first) {
    constexpr std::chrono::nanoseconds least = shortest_backoff;
    constexpr std::chrono::nanoseconds most = longest_backoff;
    backoff_ = written > 0 ? least : std::clamp(backoff_ * 2, least, most);
    retry_at_ = now + backoff_;
  }
  return false;
}

void step_planner::on_failure() {
  invariant(steps_sent_ > 0, "a step failed that was not sent");
  --steps_sent_;
}

void step_planner::correct_written(uint64_t bytes) {
  written_ = bytes;
}

} // namespace spindle
