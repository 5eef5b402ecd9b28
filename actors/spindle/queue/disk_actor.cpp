#include "spindle/queue/disk_actor.hpp"

#include "spindle/fs/kept_walks.hpp"
#include "spindle/fs/slice.hpp"

#include <algorithm>
#include <exception>
#include <functional>
#include <type_traits>
#include <utility>

namespace spindle {

namespace {

/// How many operations of a list await their last syncs. Each keeps a file and
/// a directory open.
constexpr size_t max_list_syncs = 64;

/// Returns the bytes that an operation moved between disk and memory.
uint64_t moved(const operation& op, const answer& result) {
  auto res = static_cast<uint64_t>(payload_of(op));
  if (result)
    if (auto* bytes = std::get_if<buffer>(&*result))
      res += bytes->size();
  return res;
}

fs::limits limits_of(const settings& x) {
  return {x.turn_quantum, x.max_read_bytes, x.max_listed_entries};
}

/// Writes the chunk of a step until `is_over`, or until the target accepts no
/// more. Writes nothing if an earlier chunk was written only in part.
/// @returns false if `is_over` ended it.
template <class Pred>
attempt<bool> write_chunk(stream_step& step, Pred is_over,
                          fs::steady_time until) {
  auto& to = *step.to;
  // At least once: an empty stream may have to truncate a large file.
  do {
    auto piece = step.chunk.bytes().subspan(step.written);
    piece = piece.first(std::min<uint64_t>(piece.size(), fs::piece_bytes));
    auto written = to.write(piece, until);
    if (!written)
      return tl::unexpected{std::move(written.error())};
    step.written += *written;
    if (to.is_shrinking()) {
      if (is_over())
        return false;
      continue;
    }
    if (*written < piece.size())
      return true;
    if (step.written < step.chunk.size() && is_over())
      return false;
  } while (step.written < step.chunk.size() || to.is_shrinking());
  return true;
}

/// Executes a step, or a slice of it.
/// @returns whether it is done.
template <class Pred>
attempt<bool> take_step(stream_step& step, Pred is_over,
                        fs::steady_time until) {
  auto& to = *step.to;
  if (step.kind == step_kind::abandon) {
    to.abandon();
    return true;
  }
  if (to.written() != step.offset + step.written)
    return true;
  if (!to.is_freeing()) {
    auto written = write_chunk(step, is_over, until);
    if (!written || !*written)
      return written;
    if (step.kind == step_kind::write || step.written < step.chunk.size())
      return true;
    if (auto finished = to.finish(); !finished)
      return tl::unexpected{std::move(finished.error())};
  }
  while (!to.wait_free())
    if (is_over())
      return false;
  return true;
}

template <class Pred>
attempt<bool> take_step_safely(stream_step& step, Pred is_over,
                               fs::steady_time until) {
  try {
    return take_step(step, is_over, until);
  } catch (const std::exception& what) {
    return fs::refused(errc::system_error, step.to->target().path,
                       to_words(what));
  }
}

/// Gives a failure the reason for which an operation was stopped.
answer with_reason(answer result, errc reason) {
  if (!result && result.error().code == errc::cancelled
      && reason != errc::none) {
    result.error().code = reason;
    // The system had no part in it.
    result.error().sys_errno = 0;
  }
  return result;
}

} // namespace

// -- constructors, destructors, and assignment operators ----------------------

disk_actor_state::disk_actor_state(cafx::self_ptr<disk_actor> self, uint64_t id,
                                   std::shared_ptr<job_scheduler> jobs,
                                   callback_actor callbacks, settings bounds,
                                   std::shared_ptr<fs::engine> engine,
                                   std::shared_ptr<turn_observer> observer,
                                   std::shared_ptr<fs::kept_walks> walks)
    : self_(self),
      id_(id),
      jobs_(std::move(jobs)),
      callbacks_(std::move(callbacks)),
      bounds_(std::move(bounds)),
      limits_(limits_of(bounds_)),
      observer_(std::move(observer)),
      walks_(std::move(walks)),
      engine_(std::move(engine)) {}

disk_actor_state::~disk_actor_state() {
  while (in_flight_ > 0) {
    called_.clear();
    engine_->wait(called_);
    in_flight_ -= called_.size();
  }
}

disk_actor::behavior_type disk_actor_state::make_behavior() {
  return {
    [this](turn) -> caf::result<void> {
      if (observer_)
        observer_->on_taken(id_);
      use_turn();
      return caf::unit;
    },
    [this](work_waits) -> caf::result<void> {
      use_turn();
      return caf::unit;
    },
    [this](drop_old_walks) -> caf::result<void> {
      watches_walks_ = false;
      walks_->drop_old();
      watch_walks();
      return caf::unit;
    },
    [this](const meet_peer& x) -> caf::result<void> {
      peer_ = caf::actor_cast<disk_actor>(x.peer);
      peer_id_ = x.peer_id;
      return caf::unit;
    },
    [this](const apply_settings& x) -> caf::result<void> {
      bounds_ = x.bounds;
      limits_ = limits_of(bounds_);
      return caf::unit;
    },
  };
}

// -- the turn -----------------------------------------------------------------

void disk_actor_state::use_turn() {
  await_device();
  auto now = self_->clock().now();
  jobs_->begin(id_, bounds_.ops_per_turn, now);
  execute_some(now);
  if (engine_)
    in_flight_ += syncs_.start(*engine_);
  auto ended = jobs_->end(id_, peer_id_);
  // First: the peer uses the disk while this actor delivers results.
  if (ended.then == job_scheduler::fate::passed) {
    if (observer_)
      observer_->on_passed(id_);
    // Anonymous, so that an exception of the peer does not end this actor.
    cafx::anon_mail(turn{}).send(peer_);
  }
  if (!ended.results.empty())
    self_
      ->mail(
        deliver_results{std::make_shared<job_list>(std::move(ended.results))})
      .send(callbacks_);
  // Jobs await the device, or the peer has died, and the supervisor will name
  // its successor.
  if (ended.then == job_scheduler::fate::kept)
    self_->mail(work_waits{}).send(self_);
  watch_walks();
}

/// Starts at the first place to rest, so that short operations do not read the
/// clock.
class disk_actor_state::slice_end {
public:
  using clock_type = std::remove_reference_t<
    decltype(std::declval<disk_actor_state&>().self_->clock())>;
  using time_point = decltype(std::declval<clock_type&>().now());

  explicit slice_end(disk_actor_state& self)
      : self_(self), clock_(self.self_->clock()) {}

  /// Returns whether the slice is over. It is not while nobody waits.
  bool operator()() {
    auto now = clock_.now();
    if (!std::exchange(has_begun_, true))
      end_ = now + length();
    if (now < end_)
      return false;
    if (self_.jobs_->contended(self_.id_))
      return true;
    end_ = now + short_length();
    return false;
  }

private:
  /// Shorter if results wait for delivery, or will soon.
  std::chrono::nanoseconds length() const {
    return self_.jobs_->owes_results(self_.id_) ? short_length()
                                                : self_.bounds_.turn_quantum;
  }

  std::chrono::nanoseconds short_length() const {
    return self_.bounds_.turn_quantum / 10;
  }

  disk_actor_state& self_;
  clock_type& clock_;
  bool has_begun_ = false;
  time_point end_{};
};

void disk_actor_state::execute_some(std::chrono::steady_clock::time_point now) {
  bytes_ = 0;
  ops_ = 0;
  auto& clock = self_->clock();
  auto turn_end = now + bounds_.turn_quantum;
  auto is_over = [&] {
    return ops_ >= bounds_.ops_per_turn || bytes_ >= bounds_.bytes_per_turn
        || now >= turn_end;
  };
  auto what = next_job();
  while (what) {
    auto start = now;
    auto how = execute(*what);
    now = clock.now();
    auto time = now - start;
    if (how == fs::pause::rests)
      return jobs_->rest(id_, time);
    if (how == fs::pause::done && awaiting_.empty() && !is_over()) {
      what = jobs_->done_then_take(id_, time);
      continue;
    }
    if (how == fs::pause::done) {
      jobs_->done(id_, time);
    } else {
      start_calls(what, how);
      jobs_->await_device(id_, time, how == fs::pause::settled);
    }
    what = is_over() ? nullptr : next_job();
  }
}

std::shared_ptr<job> disk_actor_state::next_job() {
  if (!awaiting_.empty())
    if (auto res = jobs_->resume(id_)) {
      awaiting_.erase(res->number);
      return res;
    }
  return jobs_->take(id_);
}

// -- jobs that await the device -----------------------------------------------

void disk_actor_state::start_calls(const std::shared_ptr<job>& what,
                                   fs::pause how) {
  auto& entry = awaiting_[what->number];
  entry.what = what;
  if (how == fs::pause::settled) {
    const auto& calls
      = what->execution ? what->execution->syncs() : what->awaited_syncs;
    for (auto* call : calls) {
      call->owner = what->number;
      syncs_.add(*call);
      ++entry.calls;
    }
    return;
  }
  auto& call = what->execution->call();
  call.owner = what->number;
  engine_->start(call);
  ++entry.calls;
  ++in_flight_;
}

void disk_actor_state::await_device() {
  if (awaiting_.empty())
    return;
  called_.clear();
  if (jobs_->begin_wait(id_, [engine = engine_] { engine->interrupt(); }))
    engine_->wait(called_);
  else
    engine_->poll(called_);
  for (auto* call : called_)
    on_called(call);
}

void disk_actor_state::on_called(fs::device_call* call) {
  --in_flight_;
  for (auto* next = call; next; next = next->next) {
    if (next != call)
      next->follow();
    if (--awaiting_.at(next->owner).calls == 0)
      jobs_->returned(id_, next->owner);
  }
}

// -- execution ----------------------------------------------------------------

fs::pause disk_actor_state::execute(job& what) {
  auto begins = !std::exchange(what.started, true);
  if (auto* list = std::get_if<oplist>(&what.what)) {
    what.answers.reserve(what.operations);
    if (begins)
      execute_list(what, *list, false, engine_ != nullptr);
    return settle_list(what);
  }
  if (auto* step = std::get_if<stream_step>(&what.what))
    return execute_step(what, *step, begins);
  return execute_operation(what, std::get<operation>(what.what));
}

bool disk_actor_state::execute_list(job& what, const oplist& list, bool skip,
                                    bool groups) {
  auto good = true;
  // Where a failure stops a list, the next entry must know of it.
  groups &= list.policy == on_error::proceed;
  for (const auto& entry : list.entries) {
    auto skip_entry = skip || (!good && list.policy == on_error::stop);
    if (auto* nested = std::get_if<oplist>(&entry.what))
      good &= execute_list(what, *nested, skip_entry, groups);
    else
      good &= execute_entry(what, std::get<operation>(entry.what), skip_entry,
                            groups);
  }
  return good;
}

bool disk_actor_state::execute_entry(job& what, const operation& op, bool skip,
                                     bool groups) {
  if (skip) {
    what.answers.push_back(tl::unexpected{
      refuse(op, errc::skipped, "an earlier operation of the list failed")});
    return false;
  }
  if (auto reason = what.stop.load(); reason != errc::none) {
    what.answers.push_back(
      tl::unexpected{refuse(op, reason, "the list was stopped before")});
    return false;
  }
  on_begin(what);
  try {
    fs::execution all{*bounds_.disk,
                      op,
                      limits_,
                      {.walks = walks_.get(),
                       .progress = &what.progress,
                       .whole = true,
                       .leaves_syncs = groups}};
    // An entry of a list does not rest, but can be stopped.
    auto is_over = [&] {
      if (what.stop != errc::none)
        all.stop();
      return false;
    };
    all.advance(std::ref(is_over));
    add_answer(what, op, with_reason(all.take(), what.stop));
    if (auto syncs = all.take_syncs(); what.answers.back() && !syncs.empty())
      what.list_syncs.push_back(
        {what.answers.size() - 1, name_of(op), std::move(syncs)});
    if (what.list_syncs.size() >= max_list_syncs)
      flush_list(what);
  } catch (const std::exception& why) {
    add_answer(what, op,
               tl::unexpected{refuse(op, errc::system_error, to_words(why))});
  }
  return what.answers.back().has_value();
}

fs::pause disk_actor_state::settle_list(job& what) {
  return begin_round(what) ? fs::pause::settled : fs::pause::done;
}

void disk_actor_state::flush_list(job& what) {
  while (begin_round(what))
    make_syncs(what.awaited_syncs);
}

bool disk_actor_state::begin_round(job& what) {
  what.awaited_syncs.clear();
  for (auto& [answer, operation, syncs] : what.list_syncs)
    for (auto* call : syncs.next_round())
      what.awaited_syncs.push_back(call);
  if (!what.awaited_syncs.empty())
    return true;
  for (auto& [answer, operation, syncs] : what.list_syncs)
    if (auto durable = syncs.run_as(operation); !durable)
      what.answers[answer] = tl::unexpected{std::move(durable.error())};
  what.list_syncs.clear();
  return false;
}

void disk_actor_state::make_syncs(const std::vector<fs::sync_call*>& calls) {
  fs::sync_group group;
  for (auto* call : calls)
    group.add(*call);
  auto left = group.start(*engine_);
  in_flight_ += left;
  while (left > 0) {
    called_.clear();
    engine_->wait(called_);
    for (auto* call : called_) {
      if (call->owner != 0) {
        on_called(call);
        continue;
      }
      --left;
      --in_flight_;
      while ((call = call->next))
        call->follow();
    }
  }
}

fs::pause disk_actor_state::execute_operation(job& what, const operation& op) {
  // Catches all exceptions: a disk actor must survive a faulty file system.
  try {
    if (!what.execution) {
      on_begin(what);
      what.disk = bounds_.disk;
      what.execution.emplace(*bounds_.disk, op, limits_,
                             fs::surroundings{.walks = walks_.get(),
                                              .progress = &what.progress,
                                              .awaits = engine_ != nullptr});
    }
    auto& all = *what.execution;
    slice_end end{*this};
    auto is_over = [&] {
      if (what.stop != errc::none)
        all.stop();
      return end();
    };
    if (auto how = all.advance(std::ref(is_over)); how != fs::pause::done)
      return how;
    add_answer(what, op, with_reason(all.take(), what.stop));
  } catch (const std::exception& why) {
    add_answer(what, op,
               tl::unexpected{refuse(op, errc::system_error, to_words(why))});
  }
  what.execution.reset();
  return fs::pause::done;
}

fs::pause disk_actor_state::execute_step(job& what, stream_step& step,
                                         bool begins) {
  if (begins)
    on_begin(what);
  auto before = step.written;
  slice_end end{*this};
  // A full pipe must not block the disk: its writer tries again later.
  auto until = std::chrono::steady_clock::now() + bounds_.turn_quantum / 10;
  auto taken = take_step_safely(
    step, [&] { return end(); }, until);
  bytes_ += step.written - before;
  if (taken && !*taken)
    return fs::pause::rests;
  if (step.latency_goal)
    step.share = jobs_->share(*step.latency_goal);
  if (taken) {
    what.answers.emplace_back(done{});
    return fs::pause::done;
  }
  taken.error().operation = stream_step_name;
  what.answers.push_back(tl::unexpected{std::move(taken.error())});
  return fs::pause::done;
}

void disk_actor_state::on_begin(const job& what) {
  if (observer_)
    observer_->on_execute(id_, what);
  ++ops_;
}

void disk_actor_state::add_answer(job& what, const operation& op,
                                  answer result) {
  bytes_ += moved(op, result);
  what.answers.push_back(std::move(result));
}

void disk_actor_state::watch_walks() {
  if (!walks_ || walks_->empty() || std::exchange(watches_walks_, true))
    return;
  self_->mail(drop_old_walks{}).delay(fs::kept_walks::max_age).send(self_);
}

} // namespace spindle
