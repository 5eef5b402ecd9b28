#include "spindle/writer/writer.hpp"

#include "cafx/joined_behavior.hpp"
#include "spindle/queue/unexpected.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace spindle {

namespace {

constexpr auto queue_is_gone = "the queue is gone, the writer cannot go on; "
                               "spawn another queue and writer";

constexpr auto takes_no_more_data
  = "the writer takes no more data: it is not open-ended, was told to finish, "
    "or is about to end";

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
      lane_reached_(!terms_.after),
      steps_(std::exchange(job_.data, {})) {
  drop_unexpected(self_);
  if (!job_.open_ended)
    steps_.close_input();
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

auto writer_state::client_handlers() {
  return std::tuple{
    [this](get_status) -> caf::result<writer_status> { return status(); },
    [this](await_writer) -> caf::result<writer_status> { return on_await(); },
    [this](const append_data& x) -> caf::result<uint64_t> {
      return on_append(x);
    },
    [this](finish_writing) -> caf::result<void> {
      close_input();
      return caf::unit;
    },
    [this](pause_writing) -> caf::result<void> {
      steps_.pause();
      return caf::unit;
    },
    [this](resume_writing) -> caf::result<void> {
      resume();
      return caf::unit;
    },
    [this](cancel_writing) -> caf::result<void> {
      stop(make_failure(errc::cancelled, "the writer was cancelled"));
      return caf::unit;
    },
    [this](const set_profile& x) -> caf::result<void> {
      return on_set_profile(x.profile);
    },
    [this](const subscribe_progress& x) -> caf::result<void> {
      return on_subscribe(x);
    }};
}

auto writer_state::queue_handlers() {
  return std::tuple{
    [this](writer_announced) -> caf::result<void> {
      enlist_itself();
      return caf::unit;
    },
    [this](lane_reached) -> caf::result<void> {
      lane_reached_ = true;
      on_ready();
      return caf::unit;
    },
    [this](wake_up x) -> caf::result<void> {
      if (x.number == wake_ups_ && phase_ == phase::writing)
        schedule();
      else if (x.number == wake_ups_ && phase_ == phase::waiting)
        begin();
      return caf::unit;
    },
    [this](const profile_changed& x) -> caf::result<void> {
      follow(x.profile);
      return caf::unit;
    },
    [this](const terms_changed& x) -> caf::result<void> {
      on_terms_changed(x);
      return caf::unit;
    },
    [this](drain_writer) -> caf::result<void> {
      close_input();
      resume();
      return caf::unit;
    },
    [this](queue_gone) -> caf::result<void> {
      stop(make_failure(errc::shut_down, queue_is_gone));
      return caf::unit;
    },
    [this](give_up_writer) -> caf::result<void> {
      stop(make_failure(errc::timed_out,
                        "the deadline of the shutdown passed before all was "
                        "written"));
      return caf::unit;
    }};
}

writer_internal_actor::behavior_type writer_state::make_behavior() {
  return cafx::joined_behavior<writer_internal_actor::behavior_type>(
    self_, client_handlers(), queue_handlers());
}

// -- the beginning ------------------------------------------------------------

void writer_state::enlist_itself() {
  self_->mail(enlistment(job_.profile))
    .request(supervisor_, cafx::infinite)
    .then([this](const enlisted& x) { on_enlisted(x); },
          [this](const caf::error& why) { stop(refusal(why)); });
}

enlist writer_state::enlistment(const profile_choice& choice) const {
  auto res = registration_of(caf::actor_cast<caf::strong_actor_ptr>(self_),
                             job_, terms_);
  res.choice = choice;
  return res;
}

void writer_state::on_enlisted(const enlisted& x) {
  if (phase_ != phase::waiting)
    return;
  // With no room at all, `append_data` would never get its response.
  max_buffered_ = std::max(x.max_buffered_bytes, uint64_t{1});
  use(x.profile);
  stream_ = make_stream(x.disk);
  if (auto why = defect())
    stop(std::move(*why));
  else
    on_ready();
}

void writer_state::on_ready() {
  if (phase_ != phase::waiting || !profile_ || !lane_reached_)
    return;
  if (job_.chain_after)
    wait_for_predecessor();
  else if (job_.chain_after_id != 0)
    recall_predecessor({});
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
    return because("there is no path and no descriptor; give a path, since a "
                   "descriptor does not travel to other nodes");
  if (job_.chunk_size && *job_.chunk_size == 0)
    return because("chunk_size must be greater than 0");
  return std::nullopt;
}

// -- writing ------------------------------------------------------------------

void writer_state::begin() {
  phase_ = phase::writing;
  steps_.begin(now());
  admit_appends();
  schedule();
}

void writer_state::schedule() {
  auto due = steps_.next(now());
  for (auto& step : due.steps)
    send(std::move(step));
  if (due.wake_up)
    schedule_wake_up(*due.wake_up);
}

void writer_state::send(planned_step step) {
  auto on_result = [this, kind = step.kind, number = step.number](
                     step_result x) { on_step(kind, number, x); };
  auto on_failure = [this](const caf::error& why) {
    auto known = failure_of(why);
    on_step_failed(
      known ? *std::move(known)
            : failure{.code = errc::shut_down, .detail = queue_is_gone});
  };
  const auto& pace = steps_.pace();
  self_
    ->mail(stream_step{step.kind, stream_, step.offset, std::move(step.chunk),
                       lane(),
                       pace ? pace->current().latency_goal : std::nullopt})
    .request(supervisor_, cafx::infinite)
    .then(std::move(on_result), std::move(on_failure));
}

in_lane writer_state::lane() const {
  if (terms_.lane)
    return *terms_.lane;
  const auto& pace = steps_.pace();
  return {{self_->id()}, pace ? pace->current().weight : 1};
}

void writer_state::on_step(step_kind kind, uint64_t number,
                           const step_result& x) {
  steps_.limit_share(x.share);
  if (steps_.on_result(kind, number, x.written, now())) {
    phase_ = phase::ending;
    // Also if it was cancelled meanwhile: everything is done.
    error_.reset();
  }
  publish(false);
  if (phase_ == phase::writing)
    admit_appends();
  schedule();
  end_if_idle();
}

void writer_state::on_step_failed(failure why) {
  steps_.on_failure();
  auto res = make_failure(why.code, std::move(why.detail));
  res.sys_errno = why.sys_errno;
  if (!why.path.empty())
    res.path = terms_.path_prefix + why.path;
  stop(std::move(res));
  end_if_idle();
}

void writer_state::schedule_wake_up(time_point when) {
  auto delay = std::max<caf::timespan>(when - now(), caf::timespan{0});
  self_->mail(wake_up{++wake_ups_}).delay(delay).send(self_);
}

// -- control ------------------------------------------------------------------

void writer_state::resume() {
  steps_.resume(now());
  schedule();
}

caf::result<void> writer_state::on_set_profile(const profile_choice& choice) {
  cafx::typed_response_promise<void> res{self_};
  self_->mail(enlistment(choice))
    .request(supervisor_, cafx::infinite)
    .then(
      [this, res](const enlisted& x) mutable {
        follow(x.profile);
        res.deliver();
      },
      [this, res](const caf::error& why) mutable {
        res.deliver(to_error(refusal(why)));
      });
  return res;
}

void writer_state::follow(const profile& x) {
  // Before that, the answer to `enlist` brings the newest values.
  if (!profile_)
    return;
  use(x);
  schedule();
}

void writer_state::on_terms_changed(const terms_changed& x) {
  terms_.max_profile = x.max_profile;
  if (terms_.lane)
    terms_.lane->weight = x.weight;
  if (profile_)
    follow(*profile_);
}

void writer_state::use(profile x) {
  profile_ = x;
  x.chunk_size = job_.chunk_size.value_or(x.chunk_size);
  if (terms_.max_profile) {
    x = reduced(std::move(x), *terms_.max_profile);
    steps_.cut_blocks();
  }
  steps_.set_profile(x, now());
}

// -- data ---------------------------------------------------------------------

caf::result<uint64_t> writer_state::on_append(const append_data& x) {
  if (!job_.open_ended || phase_ == phase::ending || phase_ == phase::ended)
    return to_error(make_failure(errc::invalid_argument, takes_no_more_data));
  if (appends_.size() >= max_awaiting)
    return to_error(make_failure(
      errc::limit_exceeded,
      "at most " + std::to_string(max_awaiting)
        + " append_data requests may be pending; wait for the response to each "
          "before the next"));
  if (appends_bytes_ > 0 && appends_bytes_ + x.data.size() > max_buffered_)
    return to_error(make_failure(
      errc::queue_full, "more data than the writer has room for; wait for the "
                        "response to each append_data before the next"));
  cafx::typed_response_promise<uint64_t> res{self_};
  appends_.push_back({x.data, res});
  appends_bytes_ += x.data.size();
  admit_appends();
  return res;
}

uint64_t writer_state::room() const {
  auto held = steps_.remaining();
  auto full = held >= max_buffered_ || steps_.waiting_blocks() >= max_blocks;
  return full ? 0 : max_buffered_ - held;
}

void writer_state::admit_appends() {
  auto has_work = false;
  while (!appends_.empty() && room() > 0) {
    auto& first = appends_.front();
    appends_bytes_ -= first.data.size();
    has_work |= steps_.add(std::move(first.data), now());
    first.response.deliver(room());
    appends_.pop_front();
  }
  if (!job_.open_ended && appends_.empty())
    steps_.close_input();
  if (has_work)
    schedule();
}

void writer_state::close_input() {
  job_.open_ended = false;
  if (appends_.empty())
    steps_.close_input();
  schedule();
}

// -- the end ------------------------------------------------------------------

void writer_state::stop(failure why) {
  if (phase_ == phase::ending || phase_ == phase::ended)
    return;
  phase_ = phase::ending;
  steps_.stop();
  error_ = std::move(why);
  if (!stream_)
    stream_ = make_stream(nullptr);
  end_if_idle();
}

void writer_state::end_if_idle() {
  if (phase_ != phase::ending || !steps_.idle())
    return;
  // Without the queue, `end` abandons the stream.
  if (error_ && error_->code != errc::shut_down)
    if (auto step = steps_.abandon()) {
      send(*std::move(step));
      return;
    }
  end();
}

void writer_state::end() {
  phase_ = phase::ended;
  finished_after_ = age();
  if (error_)
    add_extent(*error_);
  stream_.reset();
  auto last = status();
  self_->mail(writer_ended{self_->id(), last}).send(supervisor_);
  publish(true);
  for (auto& pending : std::exchange(awaiting_, {}))
    if (error_)
      pending.deliver(to_error(*error_));
    else
      pending.deliver(last);
  for (auto& append : std::exchange(appends_, {}))
    append.response.deliver(to_error(
      error_ ? *error_
             : make_failure(errc::invalid_argument, takes_no_more_data)));
  if (error_)
    self_->quit(to_error(*error_));
  else
    self_->quit();
}

// -- status -------------------------------------------------------------------

failure writer_state::refusal(const caf::error& why) const {
  auto known = failure_of(why);
  return known ? make_failure(known->code, std::move(known->detail))
               : make_failure(errc::shut_down, queue_is_gone);
}

failure writer_state::make_failure(errc code, std::string detail) const {
  return {.code = code,
          .operation = stream_step_name,
          .path = terms_.path_prefix + job_.path,
          .detail = std::move(detail)};
}

void writer_state::add_extent(failure& why) {
  // Does nothing if the disk has abandoned it, which it has unless the queue
  // is gone.
  stream_->abandon();
  stream_->tell_extent(why);
  // A disk actor that died may have written more than the results say.
  steps_.correct_written(stream_->written());
}

writer_status writer_state::status() const {
  writer_status res{.path = terms_.path_prefix + job_.path,
                    .profile = job_.profile.name,
                    .paused = steps_.paused(),
                    .finished = phase_ == phase::ended,
                    .written = steps_.written(),
                    .remaining = steps_.remaining() + appends_bytes_,
                    .chunks = steps_.chunks(),
                    .finished_after = finished_after_,
                    .error = error_};
  if (auto started = steps_.started()) {
    res.started_writing = true;
    res.started_after = *started - spawned_;
  }
  if (const auto& pace = steps_.pace()) {
    auto all = pace->overall(now());
    auto last = pace->recent(now());
    res.profile = pace->current().name;
    res.busy = all.busy;
    res.duty_pct = all.duty_pct();
    res.rate_bytes_per_s = all.rate_bytes_per_s();
    res.recent_duty_pct = last.duty_pct();
    res.recent_rate_bytes_per_s = last.rate_bytes_per_s();
    if (auto limit = pace->duty_limit())
      res.duty_limit_pct = 100 * *limit;
  }
  return res;
}

caf::result<writer_status> writer_state::on_await() {
  if (awaiting_.size() >= max_awaiting)
    return to_error(make_failure(errc::limit_exceeded,
                                 "at most " + std::to_string(max_awaiting)
                                   + " await_writer requests may be pending"));
  cafx::typed_response_promise<writer_status> res{self_};
  awaiting_.push_back(res);
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
    return to_error(
      make_failure(errc::limit_exceeded, "a writer has at most "
                                           + std::to_string(max_subscribers)
                                           + " subscribers"));
  publish(false);
  return caf::unit;
}

void writer_state::publish(bool all) {
  for (auto& one : subscribers_) {
    if (!all && one.notified && now() < *one.notified + one.how.interval)
      continue;
    one.notified = now();
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
  auto registration = registration_of(nullptr, job, terms);
  auto res = sys.spawn<cafx::actor_of<writer_state>>(supervisor, std::move(job),
                                                     std::move(terms));
  // Sent here and not only by the writer, so that it arrives before the next
  // message of the caller: a shutdown waits for the writer then.
  registration.writer = caf::actor_cast<caf::strong_actor_ptr>(res);
  cafx::anon_mail(std::move(registration)).send(supervisor);
  // Not before: a writer that had ended would count as another one.
  cafx::anon_mail(writer_announced{}).send(res);
  return res;
}

} // namespace spindle
