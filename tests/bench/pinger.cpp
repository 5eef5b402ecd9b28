#include "pinger.hpp"

#include "requester.hpp"

#include <exception>
#include <future>
#include <stdexcept>
#include <utility>

#include <sys/stat.h>

namespace bench {

namespace {

struct pinger_trait {
  using signatures = cafx::type_list<
    // Requests one operation now, and this number of them later.
    caf::result<void>(uint64_t)>;
};
using pinger = cafx::typed_actor<pinger_trait>;

/// Requests single operations with pauses in between. `Make` returns the `i`th
/// request.
template <class Handle, class Make>
class pinger_state {
public:
  using clock = std::chrono::steady_clock;
  using answer = typename answer_of<std::invoke_result_t<Make, size_t>>::type;

  pinger_state(cafx::self_ptr<pinger> self, Handle to, Make make,
               ping_amount how_often, std::promise<samples> done)
      : self_(self),
        to_(std::move(to)),
        make_(std::move(make)),
        how_often_(how_often),
        done_(std::move(done)) {}

  pinger::behavior_type make_behavior() {
    wait(how_often_.count - 1);
    return {
      [this](uint64_t left) -> caf::result<void> {
        ping(left);
        return caf::unit;
      },
    };
  }

private:
  void wait(uint64_t left) {
    self_->mail(left).delay(ping_pause).send(self_);
  }

  void ping(uint64_t left) {
    auto start = clock::now();
    self_->mail(make_(how_often_.count - 1 - left))
      .request(to_, cafx::infinite)
      .then(
        [this, left, start](const answer& x) {
          samples_.push_back(microseconds_since(start));
          if (!as_expected(x))
            fail("an unexpected answer");
          else if (left > 0 && clock::now() - begin_ < how_often_.limit)
            wait(left - 1);
          else
            end();
        },
        [this](const caf::error& why) {
          fail("an operation failed: " + spindle::reason_of(why));
        });
  }

  void end() {
    done_.set_value(std::move(samples_));
    self_->quit();
  }

  void fail(const std::string& why) {
    done_.set_exception(std::make_exception_ptr(std::runtime_error{why}));
    self_->quit();
  }

  cafx::self_ptr<pinger> self_;
  Handle to_;
  Make make_;
  ping_amount how_often_;
  std::promise<samples> done_;
  samples samples_;
  clock::time_point begin_ = clock::now();
};

template <class Handle, class Make>
void ping(caf::actor_system& sys, const Handle& whom, Make make,
          const ping_amount& how_often, samples& into) {
  std::promise<samples> promise;
  auto done = promise.get_future();
  sys.spawn<cafx::actor_of<pinger_state<Handle, Make>>>(
    whom, std::move(make), how_often, std::move(promise));
  auto xs = done.get();
  into.insert(into.end(), xs.begin(), xs.end());
}

bool exists(const std::string& path) {
  struct stat info;
  return ::stat(path.c_str(), &info) == 0;
}

/// Answers with one system call.
class bare_disk_state {
public:
  explicit bare_disk_state(cafx::self_ptr<pinged>) {}

  pinged::behavior_type make_behavior() {
    return {
      [](const spindle::file_exists& x) -> caf::result<bool> {
        return exists(x.path);
      },
    };
  }
};

struct answerer_trait {
  using signatures = cafx::type_list<caf::result<bool>(bool)>;
};
using answerer = cafx::typed_actor<answerer_trait>;

/// Answers with the value that it gets.
class answerer_state {
public:
  explicit answerer_state(cafx::self_ptr<answerer>) {}

  answerer::behavior_type make_behavior() {
    return {
      [](bool exists) -> caf::result<bool> { return exists; },
    };
  }
};

/// Makes one system call and delegates the answer to another actor.
class chained_disk_state {
public:
  chained_disk_state(cafx::self_ptr<pinged> self, answerer next)
      : self_(self), next_(std::move(next)) {}

  pinged::behavior_type make_behavior() {
    return {
      [this](const spindle::file_exists& x) -> caf::result<bool> {
        return self_->mail(exists(x.path)).delegate(next_);
      },
    };
  }

private:
  cafx::self_ptr<pinged> self_;
  answerer next_;
};

/// Delegates each request to another actor.
class front_state {
public:
  front_state(cafx::self_ptr<pinged> self, pinged next)
      : self_(self), next_(std::move(next)) {}

  pinged::behavior_type make_behavior() {
    return {
      [this](const spindle::file_exists& x) -> caf::result<bool> {
        return self_->mail(x).delegate(next_);
      },
    };
  }

private:
  cafx::self_ptr<pinged> self_;
  pinged next_;
};

} // namespace

double microseconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double, std::micro>{
    std::chrono::steady_clock::now() - start}
    .count();
}

pinged spawn_bare_disk(host& where) {
  return where.system().spawn<cafx::actor_of<bare_disk_state>, caf::detached>();
}

pinged spawn_bare_chain(host& where) {
  auto& sys = where.system();
  answerer last = sys.spawn<cafx::actor_of<answerer_state>>();
  pinged disk
    = sys.spawn<cafx::actor_of<chained_disk_state>, caf::detached>(last);
  return sys.spawn<cafx::actor_of<front_state>>(disk);
}

void ping_from_actor(caf::actor_system& sys, const pinged& whom,
                     const std::string& path, const ping_amount& how_often,
                     samples& into) {
  ping(
    sys, whom, [path](size_t) { return spindle::file_exists{.path = path}; },
    how_often, into);
}

void read_from_actor(caf::actor_system& sys,
                     const spindle::supervisor_actor& whom,
                     const std::vector<std::string>& paths, samples& into) {
  ping(
    sys, whom,
    [&paths](size_t i) {
      return spindle::file_read{.path = paths[i], .length = file_size};
    },
    {paths.size()}, into);
}

} // namespace bench
