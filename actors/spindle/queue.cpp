#include "spindle/queue.hpp"

#include "spindle/fs/kept_walks.hpp"
#include "spindle/fs/posix/posix_vfs.hpp"
#include "spindle/queue/callback_actor.hpp"
#include "spindle/queue/disk_actor.hpp"
#include "spindle/queue/engines.hpp"
#include "spindle/queue/progress_watch.hpp"
#include "spindle/queue/supervisor.hpp"
#include "spindle/writer/writer.hpp"

#include <stdexcept>
#include <string>
#include <utility>

namespace spindle {

namespace {

void require(bool condition, const char* setting) {
  if (!condition)
    throw std::invalid_argument{std::string{"spindle: the setting "} + setting
                                + " must be greater than 0"};
}

/// Throws on settings with which no operation could ever run.
void check(const settings& x) {
  require(x.max_pending_ops > 0, "max_pending_ops");
  require(x.max_oplist_length > 0, "max_oplist_length");
  require(x.max_oplist_depth > 0, "max_oplist_depth");
  require(x.ops_per_turn > 0, "ops_per_turn");
  require(x.bytes_per_turn > 0, "bytes_per_turn");
  require(x.turn_quantum.count() > 0, "turn_quantum");
  require(x.depth > 0, "depth");
  if (x.depth > settings::max_depth)
    throw std::invalid_argument{
      "spindle: the setting depth must be at most "
      + std::to_string(settings::max_depth)
      + ", because each disk actor may have as many threads"};
  require(x.max_read_bytes > 0, "max_read_bytes");
  require(x.max_listed_entries > 0, "max_listed_entries");
  require(x.max_writers > 0, "max_writers");
  require(x.max_buffered_bytes > 0, "max_buffered_bytes");
  if (auto why = writer_registry::defect_of(x.profiles))
    throw std::invalid_argument{"spindle: " + why->detail};
}

template <class State, class... Ts>
auto spawn_as(caf::actor_system& sys, bool detach, Ts&&... xs) {
  return detach ? sys.spawn<cafx::actor_of<State>, caf::detached>(
           std::forward<Ts>(xs)...)
                : sys.spawn<cafx::actor_of<State>>(std::forward<Ts>(xs)...);
}

/// Disk actors block, so they always have threads of their own.
actor_spawners make_spawners(caf::actor_system& sys, const settings& bounds,
                             const std::shared_ptr<engine_supply>& engines) {
  auto walks = std::make_shared<fs::kept_walks>();
  return {
    [&sys, walks,
     engines](uint64_t id, const std::shared_ptr<job_scheduler>& jobs,
              const callback_actor& callbacks, const settings& limits) {
      return spawn_as<disk_actor_state>(sys, true, id, jobs, callbacks, limits,
                                        engines->take(), nullptr, walks);
    },
    [&sys,
     detach = bounds.detach_all](const supervisor_internal_actor& supervisor,
                                 const std::shared_ptr<job_scheduler>& jobs) {
      return spawn_as<callback_actor_state>(sys, detach, supervisor, jobs);
    },
    [&sys](const supervisor_internal_actor& supervisor, write_job what,
           writer_terms terms) -> writer_actor {
      return spawn_writer(sys, supervisor, std::move(what), std::move(terms));
    },
  };
}

} // namespace

// -- queue --------------------------------------------------------------------

/// Ends the queue together with the last handle to it.
class queue::guard {
public:
  guard(caf::actor_system& sys, parts of) : sys(sys), of(std::move(of)) {}

  guard(const guard&) = delete;

  ~guard() {
    cafx::anon_mail(shutdown{}).send(of.front);
  }

  caf::actor_system& sys;
  parts of;
};

queue::queue(caf::actor_system& sys, parts of)
    : guard_(std::make_shared<guard>(sys, std::move(of))) {}

supervisor_actor queue::supervisor() const {
  return guard_->of.front;
}

const front_actor& queue::front() const {
  return guard_->of.front;
}

caf::actor_system& queue::system() const {
  return guard_->sys;
}

writer_actor queue::write(write_job job, writer_terms terms) const {
  return guard_->of.write(std::move(job), std::move(terms));
}

void queue::watch(ticket which, const operation_progress_receiver& receiver,
                  caf::timespan interval) const {
  if (interval <= caf::timespan::zero())
    throw std::invalid_argument{"spindle: cannot watch an operation: the "
                                "interval must be greater than 0"};
  spawn_as<progress_watch_state>(system(), false, supervisor(), which, receiver,
                                 interval);
}

void queue::apply(const settings& bounds) const {
  guard_->of.apply(bounds);
}

bool queue::is_remote() const {
  return guard_->of.remote;
}

void queue::close() const {
  cafx::anon_mail(shutdown{}).send(guard_->of.front);
}

queue spawn_queue(caf::actor_system& sys, settings bounds) {
  detail::require_own_types(sys);
  check(bounds);
  if (!bounds.disk)
    bounds.disk = std::make_shared<fs::posix_vfs>();
  auto engines = std::make_shared<engine_supply>(bounds);
  supervisor_internal_actor supervisor = spawn_as<supervisor_state>(
    sys, bounds.detach_all, bounds, make_spawners(sys, bounds, engines),
    engines->terms());
  auto write
    = [&sys, supervisor](write_job job, writer_terms terms) -> writer_actor {
    return spawn_writer(sys, supervisor, std::move(job), std::move(terms));
  };
  auto apply = [supervisor](const settings& other) {
    check(other);
    cafx::anon_mail(apply_settings{other}).send(supervisor);
  };
  return {sys, {supervisor, std::move(write), std::move(apply)}};
}

} // namespace spindle
