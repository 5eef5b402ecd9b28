// Deterministic actor tests on every supported CAF, with any test runner. There
// are no threads: messages and timeouts are processed only when the test says
// so. Actors under test must not be detached and must not delay anonymous
// messages.
#pragma once

#include "cafx/cafx.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#if CAFX_MODERN
#  if !__has_include(<caf/detail/test_coordinator.hpp>)
#    error "this CAF has no test coordinator: set SPINDLE_BUILD_TESTS=OFF"
#  endif
#  include <caf/detail/test_coordinator.hpp>
#  include <caf/scheduler.hpp>
#else
#  include <caf/scheduler/test_coordinator.hpp>
#endif

namespace cafx::test {

namespace detail {

#if CAFX_MODERN

// libcaf_core does not export member functions of these classes: use only their
// data members.
using coordinator = caf::detail::test_coordinator;

inline auto testing_policy = "testing";

inline bool run_once(coordinator& sched) {
  if (sched.jobs.empty())
    return false;
  auto* job = sched.jobs.front();
  sched.jobs.pop_front();
  switch (job->resume(&sched, 1)) {
    case caf::resumable::resume_later:
      sched.jobs.push_front(job);
      break;
    case caf::resumable::shutdown_execution_unit:
      break;
    default:
      intrusive_ptr_release(job);
  }
  return true;
}

inline auto& clock_of(caf::actor_system& sys) {
  return static_cast<caf::detail::test_actor_clock&>(sys.clock());
}

inline void advance_clock(caf::actor_system& sys, caf::timespan x) {
  auto& clock = clock_of(sys);
  clock.current_time += x;
  for (;;) {
    auto i = clock.actions.begin();
    if (i == clock.actions.end() || i->first > clock.current_time)
      return;
    auto fun = i->second;
    clock.actions.erase(i);
    if (!fun.disposed())
      fun.run();
  }
}

inline void drop_timeouts(caf::actor_system& sys) {
  clock_of(sys).actions.clear();
}

#else

using coordinator = caf::scheduler::test_coordinator;

inline auto testing_policy = caf::atom("testing");

inline bool run_once(coordinator& sched) {
  return sched.try_run_once();
}

inline void advance_clock(caf::actor_system& sys, caf::timespan x) {
  static_cast<coordinator&>(sys.scheduler()).advance_time(x);
}

inline void drop_timeouts(caf::actor_system& sys) {
  sys.clock().cancel_all();
}

#endif

} // namespace detail

/// An actor system under control of the test.
template <class Config>
class world {
public:
  world() {
    // A failed assertion may leave actors running: do not wait for them.
    sys_.await_actors_before_shutdown(false);
  }

  world(const world&) = delete;

  ~world() {
    detail::drop_timeouts(sys_);
    while (!sched_.jobs.empty()) {
      auto* job = sched_.jobs.front();
      sched_.jobs.pop_front();
      intrusive_ptr_release(job);
    }
  }

  caf::actor_system& system() {
    return sys_;
  }

  /// Lets one actor process one message.
  bool step() {
    return detail::run_once(sched_);
  }

  /// Lets one actor process one message, chosen by `pick`, which gets the
  /// number of actors that could run and returns the index of one.
  template <class Pick>
  bool step(Pick pick) {
    auto& jobs = sched_.jobs;
    if (jobs.size() > 1)
      std::swap(jobs.front(), jobs[pick(jobs.size())]);
    return step();
  }

  /// Lets `whom` process one message.
  /// @returns false if it has none.
  template <class Handle>
  bool step_of(const Handle& whom) {
    auto* ptr = caf::actor_cast<caf::abstract_actor*>(whom);
    caf::resumable* job = &dynamic_cast<caf::scheduled_actor&>(*ptr);
    auto& jobs = sched_.jobs;
    auto i = std::find(jobs.begin(), jobs.end(), job);
    if (i == jobs.end())
      return false;
    std::swap(jobs.front(), *i);
    return step();
  }

  /// Runs actors until all are idle.
  /// @returns the number of processed messages.
  size_t run() {
    size_t res = 0;
    while (step())
      if (++res == 1'000'000)
        throw std::runtime_error("actors never become idle");
    return res;
  }

  /// Moves time forward without running actors.
  void pass_time(caf::timespan x) {
    detail::advance_clock(sys_, x);
  }

  /// Moves time forward, then runs all actors.
  size_t advance(caf::timespan x) {
    detail::advance_clock(sys_, x);
    return run();
  }

  /// Sends a request, runs all actors and returns the response.
  template <class Handle, class... Ts>
  auto ask(const Handle& receiver, Ts&&... xs) {
    auto hdl = self->mail(std::forward<Ts>(xs)...).request(receiver, infinite);
    run();
    return std::move(hdl).receive();
  }

  /// Terminates `whom` and runs all actors.
  template <class Handle>
  void kill(const Handle& whom) {
    caf::anon_send_exit(whom, caf::exit_reason::kill);
    run();
  }

  /// Returns whether `whom` is no longer alive.
  template <class Handle>
  static bool terminated(const Handle& whom) {
    auto* ptr = caf::actor_cast<caf::abstract_actor*>(whom);
    return dynamic_cast<caf::scheduled_actor&>(*ptr).getf(
      caf::abstract_actor::is_terminated_flag);
  }

private:
  Config& prepare() {
    cfg_.set(caf_option("scheduler.policy"), detail::testing_policy);
    return cfg_;
  }

  Config cfg_;
  caf::actor_system sys_{prepare()};
  detail::coordinator& sched_
    = static_cast<detail::coordinator&>(sys_.scheduler());

public:
  /// Sends and receives on behalf of the test.
  scoped_actor self{sys_, true};
};

} // namespace cafx::test
