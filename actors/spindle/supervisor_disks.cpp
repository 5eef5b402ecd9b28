// What the supervisor does with its disk actors: hands out units, and replaces
// those that die.
#include "spindle/invariant.hpp"
#include "spindle/supervisor.hpp"

#include <algorithm>
#include <utility>

namespace spindle {

namespace {

/// As many operations as are not worth being divided.
constexpr size_t undivided = 8;

/// Answers a job whose disk actor died, whatever it had answered so far.
void refuse_orphan(job& what) {
  what.answers.clear();
  refuse(what, errc::disk_actor_failed,
         what.state == job_state::started
           ? "its disk actor died, it may be done in part"
           : "its disk actor died before it started");
  what.state = job_state::finished;
}

} // namespace

// -- units --------------------------------------------------------------------

void supervisor_state::go_on() {
  do {
    read_ledger();
    dispatch();
    end_if_idle();
  } while (waits() && !ledger_->await());
}

bool supervisor_state::waits() const {
  return !queue_.empty() || (draining_ && !ending_);
}

void supervisor_state::dispatch() {
  extend_last_unit();
  while (!queue_.empty()) {
    auto index = disks_[next_holder_].ready ? next_holder_ : 1 - next_holder_;
    auto& disk = disks_[index];
    const auto& sister = disks_[1 - index];
    if (!disk.ready)
      return;
    last_unit_ = {.disk_id = disk.id};
    job_list jobs;
    while (auto next = next_for_unit()) {
      jobs.push_back(std::move(next));
      hand_out_next();
    }
    if (jobs.empty())
      return;
    last_unit_.jobs = std::make_shared<unit_jobs>(std::move(jobs));
    disk.ready = false;
    disk.serial = next_serial_++;
    auto alone = queue_.empty() && sister.ready;
    next_holder_ = alone ? index : 1 - index;
    // Anonymous, because CAF 1.x tells a sender of the exception that its
    // message caused, and an actor that gets an error ends.
    cafx::anon_mail(unit{disk.serial, sister.serial, alone, last_unit_.jobs})
      .send(disk.actor);
  }
}

void supervisor_state::extend_last_unit() {
  if (!last_unit_.jobs)
    return;
  while (auto next = next_for_unit()) {
    if (!last_unit_.jobs->add(next)) {
      last_unit_.jobs = nullptr;
      return;
    }
    hand_out_next();
  }
}

job_ptr supervisor_state::next_for_unit() {
  while (!queue_.empty() && queue_.front()->state == job_state::dropped)
    queue_.pop_front();
  if (queue_.empty())
    return nullptr;
  auto& first = queue_.front();
  auto fits
    = last_unit_.count == 0
   || (!last_unit_.is_list && !std::holds_alternative<oplist>(first->what)
       && last_unit_.count < max_unit()
       && last_unit_.bytes < bounds_.bytes_per_turn);
  if (!fits)
    return nullptr;
  first->keeper = last_unit_.disk_id;
  return first;
}

size_t supervisor_state::max_unit() const {
  // While one half is at the disk, clients hear of the other and ask for more.
  return std::min(bounds_.ops_per_turn, std::max(held_ops_ / 2, undivided));
}

void supervisor_state::hand_out_next() {
  auto& first = queue_.front();
  waiting_ops_ -= first->ops;
  ++last_unit_.count;
  last_unit_.bytes += first->bytes;
  last_unit_.is_list = std::holds_alternative<oplist>(first->what);
  running_.push_back(std::move(first));
  queue_.pop_front();
}

void supervisor_state::forget_finished() {
  while (!running_.empty() && running_.front()->state == job_state::finished)
    running_.pop_front();
}

void supervisor_state::read_ledger() {
  if (!ledger_->read(page_))
    return;
  forget_finished();
  for (const auto& report : page_.reports)
    on_report(report);
  on_delivered(page_.results);
}

void supervisor_state::on_report(const disk_report& x) {
  for (size_t index : {0, 1}) {
    auto& disk = disks_[index];
    if (disk.id == x.id) {
      disk.ready = disk.ready || x.ready;
      if (disk.serial <= x.taken)
        disk.serial = 0;
      turns_[index] += x.turns;
      executed_ops_ += x.executed;
    }
  }
}

void supervisor_state::on_delivered(const delivered& x) {
  held_jobs_ -= x.jobs;
  held_ops_ -= x.ops;
  held_bytes_ -= x.bytes;
  totals_ += x;
}

// -- disk actors --------------------------------------------------------------

void supervisor_state::hire(size_t index) {
  auto id = ++last_disk_id_;
  auto actor = spawners_.spawn_disk(
    id, caf::actor_cast<supervisor_internal_actor>(self_), callbacks_, ledger_,
    bounds_);
  disks_[index] = disk_slot{actor, id};
  ++crew_alive_;
  self_->monitor(actor, [this, id](const caf::error&) {
    if (ending_)
      on_crew_down();
    else
      on_disk_down(id);
  });
}

void supervisor_state::on_disk_down(uint64_t id) {
  auto dead = disks_[0].id == id ? size_t{0} : size_t{1};
  invariant(disks_[dead].id == id, "an unknown disk actor died");
  // While its slot is still its own.
  read_ledger();
  --crew_alive_;
  ++replaced_;
  if (last_unit_.disk_id == id)
    last_unit_ = {};
  hire(dead);
  introduce(dead);
  introduce(1 - dead);
  go_on();
}

void supervisor_state::introduce(size_t index) {
  const auto& disk = disks_[index];
  const auto& sister = disks_[1 - index];
  auto number = ++introductions_;
  self_
    ->mail(
      meet{caf::actor_cast<caf::strong_actor_ptr>(sister.actor), sister.id})
    .request(disk.actor, cafx::infinite)
    .then(
      [this, number](bool has_turn) {
        if (number != introductions_)
          return;
        read_ledger();
        fail_orphans();
        if (!has_turn)
          issue_turn();
      },
      [](const caf::error&) {
        // Died too: its own replacement leads to another introduction.
      });
}

void supervisor_state::fail_orphans() {
  forget_finished();
  auto lost = std::make_shared<job_list>();
  auto is_lost = [this](const job_ptr& what) {
    auto keeper = what->keeper.load();
    return keeper != disks_[0].id && keeper != disks_[1].id;
  };
  for (auto& what : running_) {
    if (is_lost(what) && what->state != job_state::finished) {
      refuse_orphan(*what);
      lost->push_back(what);
    }
  }
  std::erase_if(running_, is_lost);
  if (!lost->empty())
    self_->mail(finished{std::move(lost)}).send(callbacks_);
}

void supervisor_state::issue_turn() {
  // All units before the first that somebody has were taken, or are lost.
  auto first = next_serial_;
  size_t index = 0;
  for (size_t i : {0, 1}) {
    if (disks_[i].serial != 0 && disks_[i].serial < first) {
      first = disks_[i].serial;
      index = i;
    }
  }
  // As if wanted: whoever asked before had nobody to ask.
  self_->mail(turn{first - 1, true, nullptr}).send(disks_[index].actor);
}

} // namespace spindle
