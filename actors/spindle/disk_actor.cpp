#include "spindle/disk_actor.hpp"

#include "spindle/fs/kept_walks.hpp"
#include "spindle/invariant.hpp"

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
                                   supervisor_internal_actor supervisor,
                                   callback_actor callbacks,
                                   std::shared_ptr<ledger> notes,
                                   settings bounds,
                                   std::shared_ptr<turn_observer> observer,
                                   std::shared_ptr<fs::kept_walks> walks)
    : self_(self),
      id_(id),
      supervisor_(std::move(supervisor)),
      callbacks_(std::move(callbacks)),
      notes_(std::move(notes)),
      bounds_(std::move(bounds)),
      limits_(limits_of(bounds_)),
      observer_(std::move(observer)),
      walks_(std::move(walks)) {}

disk_actor::behavior_type disk_actor_state::make_behavior() {
  return {
    [this](const unit& x) -> caf::result<void> {
      invariant(!unit_, "a disk actor gets a unit while it has one");
      unit_ = x;
      asked_ = false;
      if (turn_)
        use_turn();
      else
        self_->mail(turn_wanted{}).send(sister_);
      return caf::unit;
    },
    [this](const turn& x) -> caf::result<void> {
      invariant(!turn_, "there are two turns");
      turn_ = x;
      if (observer_)
        observer_->on_taken(id_);
      use_turn();
      return caf::unit;
    },
    [this](turn_wanted) -> caf::result<void> {
      // Without the turn, it is on its way to the sister already: this actor
      // keeps the turn only while it has nothing to do.
      if (turn_)
        pass_turn(nullptr);
      return caf::unit;
    },
    [this](drop_old_walks) -> caf::result<void> {
      watches_walks_ = false;
      walks_->drop_old();
      watch_walks();
      return caf::unit;
    },
    [this](const meet& x) -> caf::result<bool> {
      sister_ = caf::actor_cast<disk_actor>(x.sister);
      sister_id_ = x.sister_id;
      // What the former sister had died with her.
      if (unit_)
        unit_->after = 0;
      return turn_.has_value();
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
  auto jobs = take_work();
  if (!jobs) {
    if (unit_)
      pass_turn(nullptr);
    else if (!asked_ && note_turn(true))
      tell_supervisor();
    return;
  }
  auto count = execute_some(*jobs);
  ++turns_;
  executed_ += ops_;
  auto rest = std::shared_ptr<job_list>{};
  if (count < jobs->size()) {
    auto first_left = jobs->begin() + static_cast<ptrdiff_t>(count);
    rest = std::make_shared<job_list>(std::make_move_iterator(first_left),
                                      std::make_move_iterator(jobs->end()));
    jobs->erase(first_left, jobs->end());
  }
  auto all_done = rest == nullptr;
  if (!all_done || !alone_ || turn_->wanted)
    pass_turn(std::move(rest));
  for (auto& what : *jobs)
    what->state = job_state::finished;
  // Before anybody hears of the results and asks for more. While there is a
  // rest, another unit could only wait behind it.
  auto awaited = note_turn(all_done);
  self_->mail(finished{std::move(jobs)}).send(callbacks_);
  if (awaited)
    tell_supervisor();
  watch_walks();
}

void disk_actor_state::pass_turn(std::shared_ptr<job_list> rest) {
  if (rest)
    for (auto& what : *rest)
      what->keeper = sister_id_;
  auto last = turn_->last;
  turn_.reset();
  if (observer_)
    observer_->on_passed(id_);
  // Anonymous, lest an exception of the sister ends this actor, too.
  cafx::anon_mail(turn{last, unit_.has_value(), std::move(rest)}).send(sister_);
}

std::shared_ptr<job_list> disk_actor_state::take_work() {
  auto res = std::exchange(turn_->rest, nullptr);
  alone_ = false;
  if (!unit_ || unit_->after > turn_->last)
    return res;
  turn_->last = taken_ = unit_->serial;
  auto own = unit_->jobs->take();
  alone_ = unit_->alone;
  unit_.reset();
  if (!res)
    return std::make_shared<job_list>(std::move(own));
  res->insert(res->end(), own.begin(), own.end());
  return res;
}

bool disk_actor_state::note_turn(bool idle) {
  // Asks once only: the answer may be on its way.
  auto ready = idle && !unit_ && !asked_;
  asked_ = asked_ || ready;
  return notes_->note(disk_report{id_, ready, taken_, std::exchange(turns_, 0u),
                                  std::exchange(executed_, 0u)});
}

void disk_actor_state::tell_supervisor() {
  self_->mail(ledger_changed{}).send(supervisor_);
}

// -- execution ----------------------------------------------------------------

size_t disk_actor_state::execute_some(job_list& jobs) {
  bytes_ = 0;
  ops_ = 0;
  auto& clock = self_->clock();
  auto end = clock.now() + bounds_.turn_quantum;
  auto over = [&] {
    return ops_ >= bounds_.ops_per_turn || bytes_ >= bounds_.bytes_per_turn
        || clock.now() >= end;
  };
  size_t count = 0;
  do
    execute(*jobs[count++]);
  while (count < jobs.size() && !over());
  return count;
}

void disk_actor_state::execute(job& what) {
  if (!what.move_on(job_state::waiting, job_state::started)) {
    refuse(what, errc::cancelled, "it had not started");
    return;
  }
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
