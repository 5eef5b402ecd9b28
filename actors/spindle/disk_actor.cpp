#include "spindle/disk_actor.hpp"

#include "spindle/fs/kept_walks.hpp"

#include <exception>
#include <utility>

namespace spindle {

namespace {

/// Returns the bytes that an operation moved between disk and memory.
uint64_t moved(const operation& op, const answer& result) {
  auto res = static_cast<uint64_t>(payload_of(op));
  if (auto* out = std::get_if<output>(&result))
    if (auto* bytes = std::get_if<buffer>(out))
      res += bytes->size();
  return res;
}

/// Lets no exception get out: a disk actor must outlive a faulty file system.
answer execute_safely(fs::vfs& disk, const operation& op,
                      const fs::limits& limits, const fs::surroundings& with) {
  try {
    return fs::execute(disk, op, limits, with);
  } catch (const std::exception& what) {
    return refuse(op, errc::system_error, to_words(what));
  }
}

fs::limits limits_of(const settings& x) {
  return {x.turn_quantum, x.max_read_bytes, x.max_listed_entries};
}

/// Writes the chunk of a step if those before it were written as a whole.
fs::attempt<void> take_step(stream_step& step, fs::steady_time until) {
  auto& to = *step.to;
  if (step.kind == step_kind::abandon) {
    to.abandon();
    return {};
  }
  if (to.written() != step.offset)
    return {};
  if (!step.chunk.empty()) {
    auto written = to.write(step.chunk.bytes(), until);
    if (!written)
      return tl::unexpected{std::move(written.error())};
    step.written = *written;
  }
  if (step.kind == step_kind::write || step.written < step.chunk.size())
    return {};
  return to.finish();
}

fs::attempt<void> take_step_safely(stream_step& step, fs::steady_time until) {
  try {
    return take_step(step, until);
  } catch (const std::exception& what) {
    return fs::refused(errc::system_error, step.to->target().path,
                       to_words(what));
  }
}

} // namespace

// -- constructors, destructors, and assignment operators ----------------------

disk_actor_state::disk_actor_state(cafx::self_ptr<disk_actor> self, uint64_t id,
                                   std::shared_ptr<job_scheduler> jobs,
                                   callback_actor callbacks, settings bounds,
                                   std::shared_ptr<turn_observer> observer,
                                   std::shared_ptr<fs::kept_walks> walks)
    : self_(self),
      id_(id),
      jobs_(std::move(jobs)),
      callbacks_(std::move(callbacks)),
      bounds_(std::move(bounds)),
      limits_(limits_of(bounds_)),
      observer_(std::move(observer)),
      walks_(std::move(walks)) {}

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
  jobs_->begin(id_, bounds_.ops_per_turn);
  execute_some();
  auto ended = jobs_->end(id_, peer_id_);
  // First of all: while results are delivered, the peer is at the disk.
  if (ended.then == job_scheduler::fate::passed) {
    if (observer_)
      observer_->on_passed(id_);
    // Anonymous, lest an exception of the peer ends this actor, too.
    cafx::anon_mail(turn{}).send(peer_);
  }
  if (!ended.finished.empty())
    self_->mail(finished{std::make_shared<job_list>(std::move(ended.finished))})
      .send(callbacks_);
  // The supervisor is about to name another peer.
  if (ended.then == job_scheduler::fate::kept)
    self_->mail(work_waits{}).send(self_);
  watch_walks();
}

void disk_actor_state::execute_some() {
  bytes_ = 0;
  ops_ = 0;
  auto& clock = self_->clock();
  auto now = clock.now();
  auto end = now + bounds_.turn_quantum;
  auto over = [&] {
    return ops_ >= bounds_.ops_per_turn || bytes_ >= bounds_.bytes_per_turn
        || now >= end;
  };
  do {
    auto what = jobs_->take(id_);
    if (!what)
      return;
    auto start = now;
    execute(*what);
    now = clock.now();
    jobs_->done(id_, now - start);
  } while (!over());
}

// -- execution ----------------------------------------------------------------

void disk_actor_state::execute(job& what) {
  what.started = true;
  what.answers.reserve(what.ops);
  if (auto* list = std::get_if<oplist>(&what.what))
    execute_list(what, *list, false);
  else if (auto* step = std::get_if<stream_step>(&what.what))
    execute_step(what, *step);
  else
    execute_operation(what, std::get<operation>(what.what), false);
}

bool disk_actor_state::execute_list(job& what, const oplist& list, bool skip) {
  auto good = true;
  for (const auto& entry : list.entries) {
    auto skip_entry = skip || (!good && list.policy == on_error::stop);
    if (auto* nested = std::get_if<oplist>(&entry.what))
      good &= execute_list(what, *nested, skip_entry);
    else
      good
        &= execute_operation(what, std::get<operation>(entry.what), skip_entry);
  }
  return good;
}

bool disk_actor_state::execute_operation(job& what, const operation& op,
                                         bool skip) {
  if (skip) {
    what.answers.emplace_back(
      refuse(op, errc::skipped, "an earlier operation of the list failed"));
    return false;
  }
  if (observer_)
    observer_->on_execute(id_, what);
  ++ops_;
  const auto& res = what.answers.emplace_back(
    execute_safely(*bounds_.disk, op, limits_,
                   {.walks = walks_.get(), .progress = &what.progress}));
  bytes_ += moved(op, res);
  return !std::holds_alternative<failure>(res);
}

void disk_actor_state::execute_step(job& what, stream_step& step) {
  if (observer_)
    observer_->on_execute(id_, what);
  ++ops_;
  // A pipe that is full makes its writer wait, and nobody else.
  auto until = std::chrono::steady_clock::now() + bounds_.turn_quantum / 10;
  auto taken = take_step_safely(step, until);
  bytes_ += step.written;
  if (taken) {
    what.answers.emplace_back(std::in_place_type<output>, done{});
    return;
  }
  taken.error().operation = stream_step_name;
  what.answers.emplace_back(std::move(taken.error()));
}

void disk_actor_state::watch_walks() {
  if (!walks_ || walks_->empty() || std::exchange(watches_walks_, true))
    return;
  self_->mail(drop_old_walks{}).delay(fs::kept_walks::max_age).send(self_);
}

} // namespace spindle
