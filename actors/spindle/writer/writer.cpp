#include "spindle/writer/writer.hpp"

#include "spindle/queue/invariant.hpp"
#include "spindle/queue/unexpected.hpp"

#include <algorithm>
#include <utility>

namespace spindle {

namespace {

using namespace std::literals;

constexpr auto shortest_backoff = caf::timespan{1ms};
constexpr auto longest_backoff = caf::timespan{50ms};

} // namespace

// -- constructors, destructors, and assignment operators ----------------------

writer_state::writer_state(cafx::self_ptr<writer_internal_actor> self,
                           supervisor_internal_actor supervisor, write_job job,
                           writer_terms terms)
    : self_(self),
      supervisor_(std::move(supervisor)),
      job_(std::move(job)),
      terms_(std::move(terms)),
      spawned_(now()),
      waiting_(std::exchange(job_.data, {})),
      given_(waiting_.bytes()) {
  drop_unexpected(self_);
  if (job_.descriptor)
    job_.path = "descriptor " + std::to_string(*job_.descriptor);
}

writer_state::~writer_state() {
  if (phase_ == phase::ended)
    return;
  auto left = stream_ ? std::move(stream_) : make_stream(nullptr);
  cafx::anon_mail(
    stream_step{step_kind::abandon, std::move(left), 0, {}, lane()})
    .send(supervisor_);
}

writer_internal_actor::behavior_type writer_state::make_behavior() {
  enlist_as(job_.profile, [this](const enlisted& x) { on_enlisted(x); });
  return {
    [this](get_status) -> caf::result<writer_status> { return status(); },
    [this](lane_reached) -> caf::result<void> {
      on_lane_reached();
      return caf::unit;
    },
    [this](await_writer) -> caf::result<writer_status> { return on_await(); },
    [this](const append_data& x) -> caf::result<uint64_t> {
      return on_append(x);
    },
    [this](finish_writing) -> caf::result<void> {
      close_input();
      return caf::unit;
    },
    [this](pause_writing) -> caf::result<void> {
      paused_ = true;
      return caf::unit;
    },
    [this](resume_writing) -> caf::result<void> {
      resume();
      return caf::unit;
    },
    [this](cancel_writing) -> caf::result<void> {
      stop(make_failure(errc::cancelled, "it was cancelled"));
      return caf::unit;
    },
    [this](const set_profile& x) -> caf::result<void> {
      return on_set_profile(x.profile);
    },
    [this](const subscribe_progress& x) -> caf::result<void> {
      return on_subscribe(x);
    },
    [this](wake_up x) -> caf::result<void> {
      if (x.number == wake_ups_ && phase_ == phase::writing)
        go_on();
      else if (x.number == wake_ups_ && phase_ == phase::waiting)
        begin();
      return caf::unit;
    },
    [this](const profile_changed& x) -> caf::result<void> {
      follow(x.profile);
      return caf::unit;
    },
    [this](drain_writer) -> caf::result<void> {
      close_input();
      resume();
      return caf::unit;
    },
    [this](queue_gone) -> caf::result<void> {
      stop(make_failure(errc::shut_down, "the queue is gone"));
      return caf::unit;
    },
    [this](give_up_writer) -> caf::result<void> {
      stop(make_failure(errc::timed_out, "the queue was shut down before"));
      return caf::unit;
    },
  };
}

// -- the beginning ------------------------------------------------------------

template <class Fun>
void writer_state::enlist_as(const profile_choice& choice, Fun on_enlisted) {
  self_
    ->mail(
      enlist{caf::actor_cast<caf::strong_actor_ptr>(self_), job_.path, choice})
    .request(supervisor_, cafx::infinite)
    .then(std::move(on_enlisted), [this](const caf::error& why) {
      auto known = failure_of(why);
      stop(known ? make_failure(known->code, known->detail)
                 : make_failure(errc::shut_down, "the queue is gone"));
    });
}

void writer_state::on_enlisted(const enlisted& x) {
  if (phase_ != phase::waiting)
    return;
  max_buffered_ = x.max_buffered_bytes;
  pacer_.emplace(x.profile, now());
  stream_ = make_stream(x.disk);
  if (auto why = defect())
    stop(std::move(*why));
  else if (auto too_much = excess(x.profile))
    stop(std::move(*too_much));
  else if (terms_.after)
    wait_for_lane(*terms_.after);
  else
    on_lane_reached();
}

void writer_state::wait_for_lane(const in_lane& where) {
  auto me = caf::actor_cast<writer_internal_actor>(self_);
  local_list_callback tell{
    [me](const oplist_report&) { cafx::anon_mail(lane_reached{}).send(me); }};
  // A list of nothing is done when all before it is.
  self_->mail(oplist{}, std::move(tell), where)
    .request(supervisor_, cafx::infinite)
    .then([](ticket) {},
          [this](const caf::error& why) {
            auto known = failure_of(why);
            if (known && known->code != errc::shut_down)
              stop(std::move(*known));
            else
              // The queue takes nothing more, but still waits for its writers.
              on_lane_reached();
          });
}

void writer_state::on_lane_reached() {
  if (phase_ != phase::waiting)
    return;
  if (job_.chain_after)
    wait_for_predecessor();
  else if (job_.chain_after_id != 0)
    ask_for_predecessor({});
  else
    begin();
}

std::shared_ptr<fs::stream> writer_state::make_stream(fs::vfs_ptr disk) const {
  return std::make_shared<fs::stream>(
    std::move(disk),
    fs::stream_target{.path = job_.path,
                      .descriptor = job_.descriptor,
                      .mode = job_.mode,
                      .offset = job_.offset,
                      .parents = job_.parents,
                      .permissions = job_.permissions,
                      .durability = job_.durability,
                      .leave_holes = job_.leave_holes,
                      .close_descriptor = job_.close_when_finished});
}

std::optional<failure> writer_state::defect() const {
  auto because = [this](const char* detail) {
    return make_failure(errc::invalid_argument, detail);
  };
  if (job_.path.empty())
    return because("there is no path, and a descriptor does not travel to "
                   "other nodes");
  if (job_.chunk_size && *job_.chunk_size == 0)
    return because("chunk_size must be greater than 0");
  return std::nullopt;
}

std::optional<failure> writer_state::excess(profile x) const {
  if (!terms_.max_profile)
    return std::nullopt;
  x.chunk_size = job_.chunk_size.value_or(x.chunk_size);
  auto why = excess_of(x, *terms_.max_profile);
  if (!why)
    return std::nullopt;
  return make_failure(errc::limit_exceeded, "max_profile is \""
                                              + terms_.max_profile->name
                                              + "\": " + *why);
}

void writer_state::begin() {
  phase_ = phase::writing;
  admit_appends();
  pacer_->on_ready(now());
  go_on();
}

// -- writing ------------------------------------------------------------------

void writer_state::go_on() {
  if (phase_ != phase::writing)
    return;
  if (!flights_.empty() && !flights_.front().sent)
    resend();
  else
    hand_over();
  if (waiting_.empty() && flights_.empty() && closed() && !finishing_)
    send_step(step_kind::finish, written_, {});
}

void writer_state::hand_over() {
  while (!paused_ && !waiting_.empty()) {
    auto start = pacer_->next_start();
    if (!start)
      return;
    if (*start > now()) {
      plan(*start);
      return;
    }
    auto wanted = job_.chunk_size.value_or(pacer_->current().chunk_size);
    auto size = pacer_->chunk_size(waiting_.next_size(wanted));
    auto chunk = waiting_.take(size);
    pacer_->on_handed_over(now(), chunk.size());
    if (!started_after_)
      started_after_ = age();
    flights_.push_back({++handed_over_, chunk, chunk.size(), false});
    send_chunk(flights_.size() - 1);
    admit_appends();
  }
}

void writer_state::resend() {
  if (now() < retry_at_) {
    plan(retry_at_);
    return;
  }
  for (size_t i = 0; i < flights_.size(); ++i)
    if (!flights_[i].sent)
      send_chunk(i);
}

void writer_state::send_chunk(size_t index) {
  auto offset = written_;
  for (size_t i = 0; i < index; ++i)
    offset += flights_[i].rest.size();
  flights_[index].sent = true;
  auto last = waiting_.empty() && appends_.empty() && closed()
           && index + 1 == flights_.size();
  send_step(last ? step_kind::finish : step_kind::write, offset,
            flights_[index].rest, flights_[index].number);
}

void writer_state::send_step(step_kind kind, uint64_t offset, buffer chunk,
                             uint64_t number) {
  ++steps_sent_;
  finishing_ = finishing_ || kind == step_kind::finish;
  self_->mail(stream_step{kind, stream_, offset, std::move(chunk), lane()})
    .request(supervisor_, cafx::infinite)
    .then(
      [this, kind, number](step_result x) { on_step(kind, number, x.written); },
      [this](const caf::error& why) {
        auto known = failure_of(why);
        on_step_failed(known ? *std::move(known)
                             : failure{.code = errc::shut_down,
                                       .detail = "the queue is gone"});
      });
}

in_lane writer_state::lane() const {
  if (terms_.lane)
    return *terms_.lane;
  return {{self_->id()}, pacer_ ? pacer_->current().weight : 1};
}

void writer_state::on_step(step_kind kind, uint64_t number, uint64_t written) {
  --steps_sent_;
  auto whole = number == 0 || land(number, written);
  if (kind == step_kind::finish)
    finishing_ = whole;
  if (kind == step_kind::finish && whole) {
    // Also if it was cancelled meanwhile: all is done.
    phase_ = phase::ending;
    error_.reset();
  }
  publish(false);
  go_on();
  end_if_landed();
}

bool writer_state::land(uint64_t number, uint64_t written) {
  auto chunk
    = std::find_if(flights_.begin(), flights_.end(),
                   [number](const flight& x) { return x.number == number; });
  auto is_first = chunk == flights_.begin();
  written_ += written;
  chunk->rest = chunk->rest.slice(written, chunk->rest.size());
  chunk->sent = false;
  if (chunk->rest.empty()) {
    pacer_->on_written(now(), chunk->size);
    ++chunks_;
    backoff_ = {};
    flights_.erase(chunk);
    return true;
  }
  if (is_first) {
    backoff_ = written > 0
               ? shortest_backoff
               : std::clamp(backoff_ * 2, shortest_backoff, longest_backoff);
    retry_at_ = now() + backoff_;
  }
  return false;
}

void writer_state::on_step_failed(failure why) {
  --steps_sent_;
  auto res = make_failure(why.code, std::move(why.detail));
  res.sys_errno = why.sys_errno;
  if (!why.path.empty())
    res.path = terms_.path_prefix + why.path;
  stop(std::move(res));
  end_if_landed();
}

void writer_state::plan(time_point when) {
  auto delay = std::max<caf::timespan>(when - now(), caf::timespan{0});
  self_->mail(wake_up{++wake_ups_}).delay(delay).send(self_);
}

// -- control ------------------------------------------------------------------

void writer_state::resume() {
  if (!std::exchange(paused_, false) || phase_ != phase::writing)
    return;
  pacer_->on_ready(now());
  go_on();
}

caf::result<void> writer_state::on_set_profile(const profile_choice& choice) {
  auto res = self_->make_response_promise<void>();
  self_
    ->mail(
      enlist{caf::actor_cast<caf::strong_actor_ptr>(self_), job_.path, choice})
    .request(supervisor_, cafx::infinite)
    .then(
      [this, res](const enlisted& x) mutable {
        if (auto why = excess(x.profile)) {
          res.deliver(to_error(std::move(*why)));
          return;
        }
        follow(x.profile);
        res.deliver();
      },
      [res](caf::error& why) mutable { res.deliver(std::move(why)); });
  return res;
}

void writer_state::follow(const profile& x) {
  if (!pacer_)
    return;
  pacer_->set_profile(x, now());
  go_on();
}

// -- data ---------------------------------------------------------------------

caf::result<uint64_t> writer_state::on_append(const append_data& x) {
  if (!job_.open_ended || phase_ == phase::ending || phase_ == phase::ended)
    return to_error(
      make_failure(errc::invalid_argument, "the writer takes no more data"));
  auto limit = std::max(max_buffered_, uint64_t{1});
  if (appends_bytes_ > 0 && appends_bytes_ + x.data.size() > limit)
    return to_error(make_failure(
      errc::queue_full, "more data was sent than the writer had asked for"));
  auto res = self_->make_response_promise<uint64_t>();
  appends_.push_back({x.data, res});
  appends_bytes_ += x.data.size();
  given_ += x.data.size();
  admit_appends();
  return res;
}

uint64_t writer_state::room() const {
  auto held = given_ - written_ - appends_bytes_;
  return held >= max_buffered_ ? 0 : max_buffered_ - held;
}

void writer_state::admit_appends() {
  auto was_empty = waiting_.empty();
  while (!appends_.empty() && room() > 0) {
    auto& first = appends_.front();
    appends_bytes_ -= first.data.size();
    waiting_.add(std::move(first.data));
    first.answer.deliver(room());
    appends_.pop_front();
  }
  if (was_empty && !waiting_.empty() && flights_.empty()
      && phase_ == phase::writing) {
    pacer_->on_ready(now());
    go_on();
  }
}

void writer_state::close_input() {
  job_.open_ended = false;
  go_on();
}

// -- the end ------------------------------------------------------------------

void writer_state::stop(failure why) {
  if (phase_ == phase::ending || phase_ == phase::ended)
    return;
  phase_ = phase::ending;
  error_ = std::move(why);
  if (!stream_)
    stream_ = make_stream(nullptr);
  end_if_landed();
}

void writer_state::end_if_landed() {
  if (steps_sent_ > 0 || phase_ != phase::ending)
    return;
  // Without the queue, the writer does it itself.
  if (error_ && error_->code != errc::shut_down
      && !std::exchange(abandoned_, true))
    send_step(step_kind::abandon, 0, {});
  else
    end();
}

void writer_state::end() {
  phase_ = phase::ended;
  finished_after_ = age();
  if (error_)
    tell_how_far(*error_);
  stream_.reset();
  auto last = status();
  self_->mail(writer_ended{self_->id(), last}).send(supervisor_);
  publish(true);
  for (auto& waiting : std::exchange(waiting_for_end_, {}))
    if (error_)
      waiting.deliver(to_error(*error_));
    else
      waiting.deliver(last);
  for (auto& append : std::exchange(appends_, {}))
    append.answer.deliver(
      to_error(error_ ? *error_
                      : make_failure(errc::invalid_argument,
                                     "the writer takes no more data")));
  if (error_)
    self_->quit(to_error(*error_));
  else
    self_->quit();
}

// -- telling ------------------------------------------------------------------

failure writer_state::make_failure(errc code, std::string detail) const {
  return {.code = code,
          .operation = stream_step_name,
          .path = terms_.path_prefix + job_.path,
          .detail = std::move(detail)};
}

void writer_state::tell_how_far(failure& why) {
  // The disk has done so, unless the queue is gone.
  stream_->abandon();
  stream_->tell_extent(why);
  // Of what a disk actor that died had done, it heard nothing.
  written_ = stream_->written();
}

writer_status writer_state::status() const {
  writer_status res{.path = terms_.path_prefix + job_.path,
                    .profile = job_.profile.name,
                    .started_writing = started_after_.has_value(),
                    .paused = paused_,
                    .finished = phase_ == phase::ended,
                    .written = written_,
                    .remaining = given_ - written_,
                    .chunks = chunks_,
                    .started_after = started_after_,
                    .finished_after = finished_after_,
                    .error = error_};
  if (pacer_) {
    auto all = pacer_->overall(now());
    auto last = pacer_->recent(now());
    res.profile = pacer_->current().name;
    res.busy = all.busy;
    res.duty_pct = all.duty_pct();
    res.rate_bytes_per_s = all.rate_bytes_per_s();
    res.recent_duty_pct = last.duty_pct();
    res.recent_rate_bytes_per_s = last.rate_bytes_per_s();
  }
  return res;
}

caf::result<writer_status> writer_state::on_await() {
  if (waiting_for_end_.size() >= max_awaiting)
    return to_error(make_failure(
      errc::limit_exceeded, "at most " + std::to_string(max_awaiting)
                              + " requests can wait for the end of a writer"));
  auto res = self_->make_response_promise<writer_status>();
  waiting_for_end_.push_back(res);
  return res;
}

caf::result<void> writer_state::on_subscribe(subscribe_progress x) {
  x.interval = std::max(x.interval, shortest_interval);
  auto known = std::find_if(
    subscribers_.begin(), subscribers_.end(),
    [&x](const auto& y) { return y.how.receiver == x.receiver; });
  if (known != subscribers_.end())
    known->how.interval = x.interval;
  else if (subscribers_.size() < max_subscribers)
    subscribers_.push_back({x});
  else
    return to_error(make_failure(
      errc::limit_exceeded, "a writer has " + std::to_string(max_subscribers)
                              + " subscribers at the most"));
  publish(false);
  return caf::unit;
}

void writer_state::publish(bool all) {
  for (auto& one : subscribers_) {
    if (!all && one.told && now() < *one.told + one.how.interval)
      continue;
    one.told = now();
    cafx::anon_mail(status()).send(one.how.receiver);
  }
}

caf::timespan writer_state::age() const {
  return now() - spawned_;
}

writer_state::time_point writer_state::now() const {
  return self_->clock().now();
}

// -- spawning -----------------------------------------------------------------

writer_internal_actor spawn_writer(caf::actor_system& sys,
                                   const supervisor_internal_actor& supervisor,
                                   write_job job, writer_terms terms) {
  enlist known_at_once{nullptr, job.path, job.profile};
  // Blocks of the client's own size could be larger than any chunk may be.
  if (terms.max_profile)
    job.data.cut = true;
  auto res = sys.spawn<cafx::actor_of<writer_state>>(supervisor, std::move(job),
                                                     std::move(terms));
  // Whatever the caller asks of the supervisor next comes after this: a
  // shutdown waits for the writer, although that has not said anything yet.
  known_at_once.writer = caf::actor_cast<caf::strong_actor_ptr>(res);
  cafx::anon_mail(std::move(known_at_once)).send(supervisor);
  return res;
}

} // namespace spindle
